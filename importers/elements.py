"""What a foreign file says, in neutral elements, before any of it is a part of a System.

An importer's first stage yields a ``Found``: parts, boundaries, links, secrets, actors, stated threats, and what it
left out with the reason. ``importers.building`` types the parts by the table and makes the System of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from graphmodel.knowledge.vocabulary import ActorKind, Capability, Evidence, Severity, Skill, Status
from graphmodel.model.accounts import Question
from graphmodel.reading.limits import MAX_PROTECTIONS
from graphmodel.reading.problems import refusal
from graphmodel.reading.values import Place


class Ground(StrEnum):
    """What the reader of a file went by, the surest first."""

    DECLARED = "declared"
    REFERENCE = "reference"
    START_ORDER = "start order"
    GUESS = "guess"


SURENESS = {Ground.DECLARED: 1.0, Ground.REFERENCE: 0.8, Ground.START_ORDER: 0.4, Ground.GUESS: 0.3}
"""The confidence of what rests on each ground alone; a judgement."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One hint at what a part is: ``kind`` says which rows of the typing table look at it.

    Kinds in use: ``image`` (a container image without registry host, tag and digest), ``node`` (a node type of a flow
    tool), ``resource`` (a resource type of a cloud), ``package`` (an ecosystem and a name, ``npm:name``), ``command``,
    ``model`` (``provider/model``), ``provider``, ``technology`` (a field of a threat model), ``stencil`` (a shape of a
    drawing), ``type`` (an asset type of the catalogue by its name), ``scheme`` (of a URL), ``host`` (a DNS name),
    ``threagile`` and ``tmbom`` (words of the lists of these formats), ``kind`` (any other word of the format for what
    it is), ``name`` (words of a title, the weakest) and ``data`` (words of the title of what is known to be data).
    """

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Part:
    """Something that becomes an asset.

    ``key`` names it among the elements of its file. ``type`` is given only where the format itself settles it;
    otherwise the table decides by the ``signs``, among the kinds of ``within`` where the format settles so much.
    ``fallback`` is what an untyped part becomes, which is reported.
    ``kind`` is the file's own word, by which the account counts. ``identifiers`` join it with parts of other files.
    ``finer`` are kinds that the format has no word for, so that its title may say one of them instead. ``id`` is given
    where the file has ids that people read.
    """

    key: str
    name: str
    place: Place
    kind: str
    signs: tuple[Sign, ...] = ()
    type: str = ""
    ground: Ground = Ground.DECLARED
    boundary: str = ""
    identifiers: tuple[str, ...] = ()
    description: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""
    fallback: str = "Application"
    within: tuple[str, ...] = ()
    finer: tuple[str, ...] = ()
    id: str = ""


@dataclass(frozen=True, slots=True)
class Boundary:
    """Something that becomes a zone; ``trust`` (0 to 10) only where the file, or what kind of place it is, says so."""

    key: str
    name: str
    place: Place
    kind: str
    trust: int | None = None
    parent: str = ""
    ground: Ground = Ground.DECLARED
    description: str = ""
    note: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Something that becomes a flow or a dependency, by its relation; ends are keys of parts, of flows also of actors.

    With ``sendsTo`` and other relations of flows it is a flow where ``flow`` is true, in the direction of the data.
    ``instead`` are dependencies (origin, relation, target) that take its place where it does not fit the types.
    ``arrow`` is an arrow of a drawing, which shows the way of a question and may leave the answer out.
    """

    origin: str
    relation: str
    target: str
    place: Place
    kind: str
    ground: Ground = Ground.DECLARED
    flow: bool = False
    name: str = ""
    carries: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()
    two_way: bool = False
    opened_by: str = ""
    authenticated: bool | None = None
    encrypted: bool | None = None
    mediated_by: tuple[str, ...] = ()
    description: str = ""
    note: str = ""
    instead: tuple[tuple[str, str, str], ...] = ()
    id: str = ""
    arrow: bool = False


def call(
    origin: str,
    relation: str,
    target: str,
    place: Place,
    kind: str,
    ground: Ground = Ground.DECLARED,
    *,
    name: str = "",
    carries: tuple[str, ...] = (),
    authenticated: bool | None = None,
    encrypted: bool | None = None,
    note: str = "",
) -> Link:
    """A call that is answered: a flow that its origin opens, and in which data go both ways."""
    return Link(
        origin,
        relation,
        target,
        place,
        kind,
        ground,
        flow=True,
        two_way=True,
        opened_by=origin,
        name=name,
        carries=carries,
        authenticated=authenticated,
        encrypted=encrypted,
        note=note,
    )


@dataclass(frozen=True, slots=True)
class Attacker:
    """Somebody whom the file, or an exposure in it, lets in; ``starts`` are keys of parts with what is held there."""

    key: str
    name: str
    place: Place
    kind: str
    actor: ActorKind
    skill: Skill = Skill.SKILLED
    boundary: str = ""
    starts: tuple[tuple[str, Capability], ...] = ()
    ground: Ground = Ground.DECLARED
    description: str = ""
    note: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """A control that the file states. ``control`` is the catalogue's only where the format names its counterpart, or
    where the setting *is* the control; a word in a title never credits one. ``protects`` are keys of elements.
    """

    key: str
    name: str
    place: Place
    kind: str
    control: str | None
    protects: tuple[str, ...]
    status: Status = Status.IMPLEMENTED
    evidence: Evidence = Evidence.DECLARED
    description: str = ""
    note: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Harm:
    """A loss that the file's own ratings state for a part."""

    part: str
    capability: Capability
    severity: Severity
    place: Place
    kind: str
    impact: str = ""
    description: str = ""
    ground: Ground = Ground.DECLARED


@dataclass(frozen=True, slots=True)
class Claim:
    """A threat or risk as the file states it; ``on`` and ``answered_by`` are keys of elements and of measures."""

    key: str
    name: str
    place: Place
    kind: str
    on: tuple[str, ...] = ()
    threat: str | None = None
    status: str = ""
    likelihood: str = ""
    severity: str = ""
    answered_by: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class Omitted:
    """Something of the file that becomes nothing here, and why."""

    kind: str
    place: Place
    reason: str


class Measures(list[Measure]):
    """The controls of a file; raises ``UnreadableError`` where they protect too much, each of them counted."""

    protected = 0

    def append(self, measure: Measure, /) -> None:
        self.protected += len(measure.protects)
        if self.protected > MAX_PROTECTIONS:
            said = f"the controls of this file protect more than {MAX_PROTECTIONS:,} elements, counted for each."
            raise refusal("", said, "Split the file, or let a control protect everything with “*”.")
        super().append(measure)


MOST_LINKS = 500_000
"""That one file may say: what follows from everybody's rights over everything is refused before it fills the memory."""


class Links(list[Link]):
    """The links of a file; raises ``UnreadableError`` beyond ``MOST_LINKS``."""

    def append(self, link: Link, /) -> None:
        if len(self) >= MOST_LINKS:
            said = f"more than {MOST_LINKS:,} relations follow from this file, each end counted with each other."
            raise refusal("", said, "Split the file, or leave out what is not a part of the system.")
        super().append(link)


@dataclass
class Found:
    """What a file says, as it is gathered by an importer's first stage."""

    title: str
    description: str = ""
    parts: list[Part] = field(default_factory=list)
    boundaries: list[Boundary] = field(default_factory=list)
    links: list[Link] = field(default_factory=Links)
    attackers: list[Attacker] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=Measures)
    harms: list[Harm] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    omitted: list[Omitted] = field(default_factory=list)
    joined: list[str] = field(default_factory=list)  # kinds of elements that said more of one that is here
    questions: list[Question] = field(default_factory=list)

    def omit(self, kind: str, place: Place, reason: str) -> None:
        """Account for something that is left out."""
        self.omitted.append(Omitted(kind, place, reason))
