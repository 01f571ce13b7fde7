"""The whole assessment of a system: severity of its use, attacks, maturity against a target, gaps with what closing
them is worth, and where answers and graph contradict each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphmodel.assessment.results import Assessment
from graphmodel.knowledge.framework import Framework
from graphmodel.posture.answers import Answers
from graphmodel.posture.attacks import AttackRow, attack_matrix
from graphmodel.posture.derived import Observed, observed_controls, observed_items
from graphmodel.posture.findings import Finding, find_findings
from graphmodel.posture.maturity import AreaState, ItemState, RequirementState, states
from graphmodel.posture.profiles import DEFAULT, PROFILES, Profile, targets
from graphmodel.posture.severity import UseRating, use_rating
from graphmodel.posture.standing import Standing
from graphmodel.posture.worth import Worth, worth_of


@dataclass(frozen=True)
class Gap:
    """A requirement that is below its target, or not assessed. ``worth`` is None where no way to a loss meets any of
    its controls: then it is a matter of compliance, and closing it moves no number of this system."""

    state: RequirementState
    worth: Worth | None

    @property
    def is_risk(self) -> bool:
        return self.worth is not None and self.worth.saves.value > 0

    @property
    def exposed(self) -> bool:
        """Whether maturity says that the target is met and the graph says that much is left to lose."""
        return self.is_risk and self.state.gap == 0


@dataclass(frozen=True)
class Posture:
    """``gaps`` has every requirement that applies and is below target, not assessed, or met while the graph still
    shows a loss that its controls would remove; the largest saving first, what is compliance only last."""

    assessment: Assessment
    framework: Framework
    answers: Answers
    standing: Standing
    profile: Profile
    severity: UseRating
    areas: tuple[AreaState, ...]
    attacks: tuple[AttackRow, ...]
    worth: Mapping[str, Worth]
    gaps: tuple[Gap, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Stand:
    """What answers and graph say together, which is quickly known: the rest of a posture compares what-ifs."""

    profile: Profile
    severity: UseRating
    areas: tuple[AreaState, ...]

    def items(self) -> Iterator[ItemState]:
        """All items, in the order of the areas."""
        return (item for area in self.areas for item in area.items())


def find_stand(framework: Framework, answers: Answers, observed: Mapping[str, Observed]) -> Stand:
    """Severity of the use and maturity; ``observed`` is what the graph says of the items."""
    severity = use_rating(framework, answers.use)
    areas = states(framework, answers, observed, targets_of(framework, answers))
    return Stand(profile_of(answers), severity, areas)


def profile_of(answers: Answers) -> Profile:
    """The target profile of answers; the default where they name none."""
    return PROFILES[answers.profile or DEFAULT]


def targets_of(framework: Framework, answers: Answers) -> Mapping[str, int]:
    """The level that answers aim at for every requirement, by their profile and the severity of the use."""
    return targets(framework, profile_of(answers), use_rating(framework, answers.use).severity)


def area_states(assessment: Assessment, framework: Framework, answers: Answers) -> tuple[AreaState, ...]:
    """Every area against its target, without what closing the gaps is worth."""
    return find_stand(framework, answers, observed_items(framework, observed_controls(assessment))).areas


def find_posture(assessment: Assessment, framework: Framework, answers: Answers, standing: Standing) -> Posture:
    """Everything at once. ``assessment`` is that of the system with its answers (``standing.system``)."""
    stand = find_stand(framework, answers, observed_items(framework, observed_controls(assessment)))
    worth = worth_of(assessment, framework)
    return Posture(
        assessment=assessment,
        framework=framework,
        answers=answers,
        standing=standing,
        profile=stand.profile,
        severity=stand.severity,
        areas=stand.areas,
        attacks=attack_matrix(assessment, framework),
        worth=worth,
        gaps=find_gaps(stand.areas, worth),
        findings=find_findings(assessment, answers, standing, stand.areas),
    )


def find_gaps(areas: tuple[AreaState, ...], worth: Mapping[str, Worth]) -> tuple[Gap, ...]:
    """The gaps with what closing them is worth, in the order of ``Posture.gaps``."""
    found = [Gap(one, worth.get(one.requirement.id)) for area in areas for one in area.requirements if one.applies]
    kept = [one for one in found if one.state.gap != 0 or one.is_risk]
    return tuple(
        sorted(
            kept,
            key=lambda one: (
                not one.is_risk,
                -(one.worth.saves.rank if one.worth is not None else 0.0),
                -(one.state.gap or 0),
                one.state.requirement.id,
            ),
        )
    )
