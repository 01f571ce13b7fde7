"""What an organisation answers to the questionnaire of the framework, as frozen values.

Answers are a document of their own beside a system's. They hold ids of the framework's guidance and requirements,
never the texts, so that a newer edition of the framework loses none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from graphmodel.knowledge.vocabulary import Evidence, Range
from graphmodel.model.system import Provenance


class AnswerStatus(StrEnum):
    """How far a guidance item is met."""

    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not met"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that an answer is true: where it is found, of which date, and until when it counts (ISO dates)."""

    reference: str
    date: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """A catalogue control that an answer says is in place, and where.

    ``on`` holds ids of assets, flows and zones, ``*``, and types of assets. ``coverage`` None is that of the answer:
    the whole where it is met, the share of the settings where it is partly met. ``strength`` None is the catalogue's.
    """

    control: str
    on: tuple[str, ...]
    coverage: float | None = None
    strength: Range | None = None
    evidence: Evidence = Evidence.DECLARED


@dataclass(frozen=True, slots=True)
class Acceptance:
    """That somebody accepts the risk of what is not met: who, why, until when (ISO date), and what stands in for it.

    ``compensating`` is the id of a control implementation of the system, or of a catalogue control.
    """

    by: str
    reason: str
    until: str = ""
    compensating: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one guidance item. ``status`` is None where nobody has answered yet, say who only has an owner."""

    item: str
    status: AnswerStatus | None = None
    reason: str = ""
    owner: str = ""
    due: str = ""
    comment: str = ""
    evidence: tuple[Proof, ...] = ()
    controls: tuple[Claim, ...] = ()
    accepted: Acceptance | None = None
    source: Provenance | None = None

    @property
    def until(self) -> str:
        """When the last of its evidence expires; empty where none does."""
        dates = [one.until for one in self.evidence]
        return max(dates) if dates and all(dates) else ""


@dataclass(frozen=True, slots=True)
class Level:
    """The maturity of one requirement, from 0 to 5 on its own scale, and the level that is aimed at instead of the
    profile's; either may be left open."""

    requirement: str
    level: int | None = None
    target: int | None = None
    owner: str = ""
    due: str = ""
    comment: str = ""
    source: Provenance | None = None


@dataclass(frozen=True)
class Answers:
    """All answers of a system or an organisation.

    ``framework`` is the edition that was answered, ``profile`` the id of the target profile, ``use`` says which facts
    about the use of the system hold; what is not in it nobody has said. ``extends`` names the answers that these
    override, relative to their own file.
    """

    framework: str
    name: str = ""
    profile: str = ""
    extends: str = ""
    use: Mapping[str, bool] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    levels: Mapping[str, Level] = field(default_factory=dict)

    def over(self, shared: Answers) -> Answers:
        """These answers, and those of the organisation where these have none; an answer is overridden as a whole."""
        return replace(
            self,
            profile=self.profile or shared.profile,
            use={**shared.use, **self.use},
            answers={**shared.answers, **self.answers},
            levels={**shared.levels, **self.levels},
        )
