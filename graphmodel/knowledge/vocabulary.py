"""The closed word lists of the method, and the shapes of a catalogue.

Everything else in the package imports from here, and this imports nothing but ``figures``, ``overridden`` and
``ranges``. Asset types, relations, threat patterns and controls are *data* (``ontology/``); this module only says what
such data look like once loaded. Enumerations are here as well as in ``ontology/core.ttl`` because
code branches on them; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from graphmodel.knowledge.figures import Skill as Skill  # noqa: PLC0414 (said so, it is given on to others)
from graphmodel.knowledge.figures import Strength as Strength  # noqa: PLC0414 (the same)
from graphmodel.knowledge.overridden import Overridden
from graphmodel.knowledge.ranges import Range as Range  # noqa: PLC0414 (said so, it is given on to others)


class Capability(StrEnum):
    """What an attacker can hold over an asset."""

    CONNECT = "connect"
    REACH = "reach"
    INFER = "infer"
    READ = "read"
    WRITE = "write"
    STEER = "steer"
    HIJACK = "hijack"
    RUN = "run"
    EXECUTE = "execute"
    DENY = "deny"
    SPEND = "spend"


class ActorKind(StrEnum):
    """Where an attacker stands before the campaign begins."""

    OUTSIDER = "outsider"
    USER = "user"
    TENANT = "tenant"
    INSIDER = "insider"
    SUPPLIER = "supplier"


class Maturity(StrEnum):
    """How well a technique is proven; the words and their order are those of ATLAS."""

    FEASIBLE = "feasible"
    DEMONSTRATED = "demonstrated"
    REALIZED = "realized"


class Area(StrEnum):
    """Lifecycle areas of the assessment framework, with the governance area that it only names."""

    GOVERNANCE = "governance"
    COLLECTION = "data-collection"
    PROCESSING = "data-processing"
    TRAINING = "model-training"
    DEPLOYMENT = "model-deployment"
    MONITORING = "system-monitoring"
    INCIDENTS = "incident-management"
    CONTINUITY = "business-continuity"


class Attack(StrEnum):
    """Attack classes: the six of the mission, then what they travel through."""

    DATA_POISONING = "data-poisoning"
    MODEL_THEFT = "model-theft"
    PROMPT_INJECTION = "prompt-injection"
    DATA_LEAKAGE = "data-leakage"
    ADVERSARIAL = "adversarial-attack"
    MODEL_INFERENCE = "model-inference"
    AGENT_MISUSE = "agent-misuse"
    SUPPLY_CHAIN = "supply-chain"
    AVAILABILITY = "availability"
    ACCESS = "access"


class ControlFunction(StrEnum):
    """What a control does: only ``prevent`` lowers a chance; see ``docs/method.md``."""

    PREVENT = "prevent"
    DETECT = "detect"
    RESPOND = "respond"
    RECOVER = "recover"
    ASSURE = "assure"


class Status(StrEnum):
    """State of a control implementation."""

    IMPLEMENTED = "implemented"
    PLANNED = "planned"
    PROPOSED = "proposed"
    RETIRED = "retired"


class Evidence(StrEnum):
    """How it is known that a control works."""

    TESTED = "tested"
    REVIEWED = "reviewed"
    DECLARED = "declared"
    NONE = "none"


class Severity(StrEnum):
    """Severity bands of the assessment framework, highest first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFORMATIONAL = "informational"


class View(StrEnum):
    """Which control implementations count: none, the implemented, or the planned ones as well."""

    INHERENT = "inherent"
    RESIDUAL = "residual"
    TARGET = "target"


@dataclass(frozen=True, slots=True)
class AssetType:
    """A class of assets. ``ancestors`` is transitive and contains the type itself.

    ``abstract`` types group others for the rules; no asset is declared to be one. ``synonyms`` are
    what people call it, as they are of relations, threats and controls: a search finds it by them.
    """

    name: str
    label: str
    meaning: str
    parents: tuple[str, ...]
    ancestors: frozenset[str]
    abstract: bool = False
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation between two assets.

    ``implies`` holds every relation that follows when this one does, each with whether it is read
    backwards: ``retrievesFrom`` implies ``(contentFrom, False)`` and ``(retrievedBy, True)``.
    ``derived`` relations come out of flows and zones and are never written by a user.
    """

    name: str
    label: str
    meaning: str
    subject: str
    object: str
    implies: frozenset[tuple[str, bool]]
    derived: bool = False
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Technique:
    """An entry of an outside vocabulary, pinned to its edition."""

    edition: str
    id: str
    name: str
    maturity: Maturity | None = None

    @property
    def pinned(self) -> str:
        return f"{self.id}@{self.edition}"


ASSET = "asset"
"""The name of the part of a pattern that it gains something over."""

ANSWERING = ("PredictiveEndpoint", "LanguageModelEndpoint", "Agent", "Orchestrator")
"""The types of what answers with a model."""

PROMPTED = "Prompted"
"""What takes natural language as instruction: whose words it follows and whose code it runs are two questions."""

OTHER = "other"
"""The name of the second part where a pattern is written with one relation."""


@dataclass(frozen=True, slots=True)
class Part:
    """A named part of a pattern beside the asset: an element of these types, on which ``needs`` are held.

    Where ``each`` is true there is a step for each element that can stand here. Otherwise the part must only
    exist: whichever elements can stand here are witnesses of one and the same step. ``trust_below`` is for
    zones: their trust is known and is less. ``other_than`` names parts that stand for another element.
    """

    name: str
    types: tuple[str, ...]
    except_types: tuple[str, ...] = ()
    needs: tuple[Capability, ...] = ()
    trust_below: int | None = None
    other_than: tuple[str, ...] = ()
    each: bool = True


@dataclass(frozen=True, slots=True)
class Link:
    """A relation that must hold between two parts of a pattern, named by ``origin`` and ``target``."""

    origin: str
    relation: str
    target: str


@dataclass(frozen=True, slots=True)
class Absence:
    """A relation that a part must not have: to the part ``target``, to anything of ``types``, or to anything."""

    origin: str
    relation: str
    target: str | None = None
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ThreatPattern:
    """A rule: on an asset of these types, holding these capabilities gains another one.

    It reads as a sentence: *on* ``asset_types``, with ``parts`` that are related as ``links`` say,
    whoever holds ``needs`` on the asset and what each part needs *gains* ``gains`` on the asset. A rule
    about one asset has no parts; one over a single relation has the part ``OTHER``. Parts and links come in
    the order of a walk from the asset. Area and attack are None for propagations. The rule is switched off
    where any relation in ``unless`` holds; ``except_types`` are subtypes that it does not apply to; where
    ``by`` names kinds of actors it works for these alone. A *propagation* carries no technique: it is a
    consequence, not a threat, and is not counted as one. ``defended_on`` names the parts, the asset among
    them, on which a control counts. ``without_control`` says why no control prevents a threat, where none does.

    ``chance`` is set where the chance does not come from maturity and skill; ``prevalence`` is the
    share of targets in which the technique finds what it needs. Steps that gain one fact by patterns of the same
    ``trial`` are ways to one try and share a draw; those with another element as a part in ``trial_of`` are not.
    """

    id: str
    name: str
    meaning: str
    area: Area | None
    attack: Attack | None
    asset_types: tuple[str, ...]
    gains: Capability
    needs: tuple[Capability, ...] = ()
    except_types: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    links: tuple[Link, ...] = ()
    unless: tuple[Absence, ...] = ()
    by: tuple[ActorKind, ...] = ()
    propagation: bool = False
    maturity: Maturity | None = None
    prevalence: float = 1.0
    chance: Range | None = None
    trial: str = ""
    trial_of: tuple[str, ...] = ()
    techniques: tuple[Technique, ...] = ()
    defended_on: frozenset[str] = frozenset({ASSET})
    basis: str = ""
    source: str = ""
    maturity_basis: str = ""
    without_control: str = ""
    synonyms: tuple[str, ...] = ()

    @property
    def simple(self) -> bool:
        """Whether the rule is about one asset, or about two over one relation from the asset to the other."""
        other = tuple(Part(OTHER, one.types, needs=one.needs) for one in self.parts)
        return not self.links or (self.parts == other and self.links == (Link(ASSET, self.links[0].relation, OTHER),))

    def works_for(self, kind: ActorKind) -> bool:
        """Whether actors of this kind can use it."""
        return not self.by or kind in self.by


@dataclass(frozen=True, slots=True)
class Control:
    """A catalogue control: what it does, to which threats, and how strong it is by default.

    ``strength`` is, for a preventing control, the chance that it holds against a determined
    attempt; for detecting, responding and recovering controls it is the share of the loss that is
    avoided on the capabilities in ``limits``. ``against`` has the threats against which it is another one,
    ``places`` those against which the control works on some of the types in ``applies_to`` only.
    """

    id: str
    name: str
    meaning: str
    area: Area
    function: ControlFunction
    applies_to: tuple[str, ...]
    mitigates: frozenset[str] = frozenset()
    limits: frozenset[Capability] = frozenset()
    strength: Strength = field(default_factory=lambda: Strength(Range.point(0.0)))
    against: Mapping[str, Strength] = field(default_factory=dict)
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    techniques: tuple[Technique, ...] = ()
    synonyms: tuple[str, ...] = ()

    def limits_loss(self, capability: Capability) -> bool:
        """Whether it limits what a capability costs; who limits the cost of reading limits that of inference."""
        return capability in self.limits or (capability is Capability.INFER and Capability.READ in self.limits)

    def strength_against(self, threat: str) -> Strength:
        """The strength against a threat that it mitigates."""
        return self.against.get(threat, self.strength)

    def applies_against(self, threat: str) -> tuple[str, ...]:
        """The asset types on which it works against a threat that it mitigates."""
        return self.places.get(threat, self.applies_to)

    def greatest(self, skill: Skill) -> Range:
        """The greatest of its strengths, by their means, against an actor of this skill."""
        found = [self.strength_against(threat).of(skill) for threat in sorted(self.mitigates)]
        return max(found, key=lambda one: one.mean, default=self.strength.of(skill))

    def ratio(self, threat: str, skill: Skill) -> float:
        """The strength against a threat that it mitigates as a share of the greatest, by their means."""
        return self.ratios(skill)[threat]

    def ratios(self, skill: Skill) -> Mapping[str, float]:
        """``ratio`` for each threat that it mitigates."""
        most = self.greatest(skill).mean
        return {
            threat: self.strength_against(threat).of(skill).mean / most if most > 0 else 1.0
            for threat in self.mitigates
        }


@dataclass(frozen=True)
class Catalogue:
    """Asset types, relations, patterns, controls and techniques, keyed by id; all cross-references hold.

    ``overridden`` is what an organisation's own files say otherwise than the shipped ones.
    """

    types: Mapping[str, AssetType]
    relations: Mapping[str, Relation]
    patterns: Mapping[str, ThreatPattern]
    controls: Mapping[str, Control]
    techniques: Mapping[str, Technique]
    overridden: tuple[Overridden, ...] = ()

    def is_a(self, type_name: str, wanted: str) -> bool:
        """Whether ``type_name`` is ``wanted`` or one of its subtypes; unknown types are nothing."""
        known = self.types.get(type_name)
        return known is not None and wanted in known.ancestors

    def is_any(self, type_name: str, wanted: tuple[str, ...]) -> bool:
        """Whether ``type_name`` is one of those wanted or a subtype of one."""
        known = self.types.get(type_name)
        return known is not None and not known.ancestors.isdisjoint(wanted)

    def told_apart(self, type_name: str, capability: Capability) -> Capability:
        """The capability that is meant on a type: only what takes instructions in words can be made to act by words
        alone, so that on anything else to execute code is to run it."""
        if capability is Capability.EXECUTE and not self.is_a(type_name, PROMPTED):
            return Capability.RUN
        return capability

    def works_on(self, control: Control, type_name: str, threats: Iterable[str]) -> bool:
        """Whether a control on an asset or zone of this type covers steps of any of these threats at their ends."""
        for threat in threats:
            pattern = self.patterns[threat]
            ends = [(ASSET, pattern.asset_types, pattern.except_types)]
            ends += [(part.name, part.types, part.except_types) for part in pattern.parts]
            applies = control.applies_against(threat)
            # What is done to a model, or by a guardrail or gateway, holds for what answers with it or stands behind.
            elsewhere = ANSWERING if self.is_any(type_name, ("Model", "Guardrail", "ApiGateway")) else ()
            for stands in (type_name, *elsewhere):
                if self.is_any(stands, applies) and any(
                    name in pattern.defended_on and self.is_any(stands, types) and not self.is_any(stands, without)
                    for name, types, without in ends
                ):
                    return True
        return False

    def concrete_types(self) -> tuple[str, ...]:
        return tuple(sorted(name for name, one in self.types.items() if not one.abstract))

    def declarable_relations(self) -> tuple[str, ...]:
        return tuple(sorted(name for name, one in self.relations.items() if not one.derived))
