"""What tests and scans of a system say of its steps: which of them count, why others do not, and what follows.

A test speaks of the steps of its threat whose asset was tested or, where there are none, that go through what was
tested. Tests of one threat on one asset with the same controls on are one test. The rule from hits to a chance is
that of ``updating``; here it is applied, once for each step and skill:

- the prior is the catalogue's chance with the controls that were on taken off, the posterior is what was measured
  with them, and the chance of the step is the posterior with them taken out again. So with the same controls in
  force the step has the measured chance: they are not counted twice. Where even a certain step would be stopped too
  often by them, they cover the step in part only.
- two tests that differ in one control measure its strength.
- a weakness that was found takes the place of the prevalence: the technique finds what it needs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from graphmodel.binding.patterns import Binding
from graphmodel.binding.updating import Beta, Campaign, Effect, as_range, campaign, effect, prior
from graphmodel.knowledge.trials import TrialRule
from graphmodel.knowledge.vocabulary import Range, Skill, Status
from graphmodel.model.system import ControlImplementation, Observation, System
from graphmodel.reading.values import days_after, is_day

if TYPE_CHECKING:
    from graphmodel.binding.compiled import Compiled

CHANCE, STRENGTH, WEAKNESS = "chance", "strength", "weakness"


@dataclass(frozen=True, slots=True)
class Trials:
    """Tests of one threat on one asset with the same controls on, taken together; counts are of prompts."""

    threat: str
    on: str
    controls: frozenset[str]
    observations: tuple[Observation, ...]

    @property
    def attempts(self) -> int:
        return sum(one.attempts for one in self.observations)

    @property
    def hits(self) -> int:
        return sum(one.hits for one in self.observations)

    @property
    def errors(self) -> int:
        return sum(one.errors for one in self.observations)

    def too_little(self, rule: TrialRule) -> str:
        """Why this moves no number; empty where it does."""
        tried = self.attempts + self.errors
        if self.attempts < rule.least_prompts:
            few = "1 prompt is" if self.attempts == 1 else f"{self.attempts} prompts are"
            return f"{few} too few: it takes {rule.least_prompts}"
        if self.errors > rule.most_errors * tried:
            return f"{self.errors} of {tried} prompts told nothing, which is more than {rule.most_errors:.0%}"
        return ""


@dataclass(frozen=True)
class Update:
    """What tests make of one step against one skill.

    ``stated`` is the catalogue's chance before controls, ``left`` the share of it that the controls that were on
    leave. ``before`` and ``after`` are what is known of one prompt, with these controls on; ``measured`` is the
    campaign's chance after the test. ``chance`` is that of the step before controls, and ``covered`` the share of
    their usual cover that the controls that were on have on it.
    """

    trials: Trials
    stated: Range
    left: float
    controls: tuple[str, ...]
    before: Beta
    after: Beta
    expected: Campaign
    measured: Campaign
    chance: Range
    covered: float = 1.0


@dataclass(frozen=True)
class Comparison:
    """A test with a control and one without, and what they say of its strength against each skill."""

    control: str
    without: Trials
    with_it: Trials
    effects: Mapping[Skill, Effect]
    refused: str = ""


@dataclass(frozen=True)
class Weighed:
    """What one observation counts for: ``chance``, ``strength``, ``weakness``, or nothing and why."""

    observation: Observation
    uses: tuple[str, ...]
    why: str = ""


def last_day(one: Observation, rule: TrialRule) -> str:
    """The last day on which an observation counts; empty where nobody can tell."""
    if one.until:
        return one.until
    return days_after(one.date, rule.valid_days) if is_day(one.date) else ""


def counts_on(one: Observation, rule: TrialRule, today: str) -> bool:
    """Whether an observation is in date on a day, empty when that is not to be judged."""
    last = last_day(one, rule)
    return bool(last) and (not today or (one.date <= today <= last))


@dataclass(frozen=True, eq=False)
class Measurements:
    """All tests and scans of a compiled system."""

    compiled: Compiled
    _updates: dict[tuple[str, Skill], Update | None] = field(default_factory=dict, init=False, repr=False)

    # ------------------------------------------------------------ which observations count
    @cached_property
    def steps_of(self) -> Mapping[str, tuple[Binding, ...]]:
        """For each observation the steps that it speaks of."""
        wanted = {one.threat for one in self._system.evidence}
        by_threat: defaultdict[str, list[Binding]] = defaultdict(list)
        for binding in self.compiled.bindings if wanted else ():
            if binding.pattern.id in wanted:
                by_threat[binding.pattern.id].append(binding)
        found = {}
        for one in self._system.evidence:
            own = [step for step in by_threat[one.threat] if step.asset == one.on]
            found[one.id] = tuple(own or [step for step in by_threat[one.threat] if one.on in step.others])
        return found

    @cached_property
    def refused(self) -> Mapping[str, str]:
        """For each observation that cannot count, whatever the others say, why."""
        reasons = ((one.id, self._refusal(one)) for one in self._system.evidence)
        return {id_: why for id_, why in reasons if why}

    def _refusal(self, one: Observation) -> str:
        rule, today, steps = self.compiled.settings.tests, self.compiled.today, self.steps_of[one.id]
        excluded = any(
            each.excluded and (each.threat, each.asset) == (one.threat, one.on) for each in self._system.overrides
        )
        if excluded:
            return "the model excludes this threat there"
        if not steps:
            return f"no step of {one.threat} concerns {one.on} or goes through it"
        if all(step.pattern.propagation for step in steps):
            return f"{one.threat} is a consequence, and no technique that can be tried"
        if any((step.pattern.id, step.asset) in self.compiled.override_of for step in steps):
            return "an override of the model speaks for this step, and a person's judgement stands"
        last = last_day(one, rule)
        if not last:
            return "its date is not known"
        if today and one.date > today:
            return f"its date, {one.date}, is still to come"
        if today and last < today:
            return f"it is too old: it counted until {last}"
        if one.findings == 0:
            return "nothing was found, which speaks for the evidence “reviewed” of a control, and of no chance"
        if one.findings and all(step.pattern.prevalence == 1 for step in steps):
            return "a weakness that was found is taken for granted by this threat already"
        return ""

    @cached_property
    def weaknesses(self) -> frozenset[str]:
        """The ids of the steps for which a weakness was found."""
        counting = (one for one in self._system.evidence if one.findings and one.id not in self.refused)
        return frozenset(step.id for one in counting for step in self.steps_of[one.id])

    # ------------------------------------------------------------ trials
    def _on(self, one: Observation, covering: Iterable[str]) -> frozenset[str]:
        """Which of these controls were on in a test."""
        if one.controls is not None:
            return frozenset(one.controls).intersection(covering)
        known = self._system.control_by_id
        return frozenset(id_ for id_ in covering if known[id_].status is Status.IMPLEMENTED)

    @cached_property
    def _by_step(self) -> Mapping[str, tuple[Observation, ...]]:
        found: defaultdict[str, list[Observation]] = defaultdict(list)
        for one in sorted(self._system.evidence, key=lambda one: one.id):
            if one.findings is None and one.id not in self.refused:
                for step in self.steps_of[one.id]:
                    found[step.id].append(one)
        return {step: tuple(ones) for step, ones in found.items()}

    def _groups(self, step: Binding) -> list[Trials]:
        """The tests of a step by the controls that were on, and of several assets that it goes through by each."""
        covering, found = (
            self.compiled.covers.get(step.id, ()),
            defaultdict[tuple[str, frozenset[str]], list[Observation]](list),
        )
        for one in self._by_step.get(step.id, ()):
            found[one.on, self._on(one, covering)].append(one)
        return [Trials(step.pattern.id, on, on_set, tuple(ones)) for (on, on_set), ones in found.items()]

    def trials(self, step: Binding) -> Trials | None:
        """The tests that decide a step: those that count, with the controls that are implemented before any others,
        then those with the most prompts."""
        rule, known = self.compiled.settings.tests, self._system.control_by_id
        groups = [one for one in self._groups(step) if not one.too_little(rule)]
        covering = self.compiled.covers.get(step.id, ())
        now = frozenset(id_ for id_ in covering if known[id_].status is Status.IMPLEMENTED)
        return min(
            groups, key=lambda one: (one.controls != now, -one.attempts, one.on, sorted(one.controls)), default=None
        )

    # ------------------------------------------------------------ what follows
    def update(self, step: Binding, skill: Skill) -> Update | None:
        """What the tests make of a step against a skill; None where none counts."""
        if step.id not in self._by_step:
            return None
        key = (step.id, skill)
        if key not in self._updates:
            found = self.trials(step)
            self._updates[key] = self._worked_out(step, skill, found) if found is not None else None
        return self._updates[key]

    def _worked_out(self, step: Binding, skill: Skill, trials: Trials) -> Update:
        compiled, rule = self.compiled, self.compiled.settings.tests
        stated, prompts = compiled.stated_chance(step, skill), rule.attempts[skill]
        on, known = tuple(sorted(trials.controls)), self._system.control_by_id
        takes = [self._takes(known[id_], step, skill) for id_ in on]
        left = _left(takes, 1.0)
        before = prior(stated.mean * left, rule.prior_prompts, prompts)
        after = before.after(trials.hits, trials.attempts)
        measured = campaign(after, prompts)
        chance, covered = Range.point(1.0), 1.0
        if measured.mean <= left:
            chance = as_range(measured.mean / left, measured.low / left, measured.high / left)
        else:
            covered = _share(takes, measured.mean)
        expected = campaign(before, prompts)
        return Update(trials, stated, left, on, before, after, expected, measured, chance, covered)

    def _takes(self, control: ControlImplementation, step: Binding, skill: Skill) -> float:
        """The share of the chance of a step that a control takes while it is in force."""
        ratio = self.compiled.ratio(control, step.pattern.id, skill)
        return self.compiled.holds(control, skill) * control.coverage * ratio

    # ------------------------------------------------------------ strengths of controls
    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Every two tests of one technique by one tool that differ in a single control."""
        rule, groups = self.compiled.settings.tests, defaultdict[tuple[str, ...], list[Observation]](list)
        for one in sorted(self._system.evidence, key=lambda one: one.id):
            if one.findings is None and one.id not in self.refused:
                groups[one.threat, one.on, one.tool, one.technique].append(one)
        found = []
        for (threat, on, *_), ones in sorted(groups.items()):
            covering = {id_ for step in self.steps_of[ones[0].id] for id_ in self.compiled.covers.get(step.id, ())}
            by_set = defaultdict[frozenset[str], list[Observation]](list)
            for one in ones:
                by_set[self._on(one, covering)].append(one)
            trials = [Trials(threat, on, on_set, tuple(group)) for on_set, group in by_set.items()]
            enough = sorted((one for one in trials if not one.too_little(rule)), key=lambda one: sorted(one.controls))
            found += [
                self._compared(next(iter(more.controls - less.controls)), less, more)
                for less in enough
                for more in enough
                if less.controls < more.controls and len(more.controls) == len(less.controls) + 1
            ]
        return tuple(found)

    def _compared(self, control: str, less: Trials, more: Trials) -> Comparison:
        rule = self.compiled.settings.tests
        counts = (less.hits, less.attempts), (more.hits, more.attempts)
        effects = {skill: effect(*counts, rule.attempts[skill]) for skill in Skill}
        probability = effects[Skill.SKILLED].probability
        kind, said = self.compiled.catalogue.controls[self._system.control_by_id[control].control or ""], ""
        if any(kind.ratio(less.threat, skill) <= 0 for skill in Skill):
            said = f"the catalogue has {kind.id} do nothing against {less.threat}"
        elif probability < rule.shown:
            said = (
                f"that {control} lowers the chance has a probability of {probability:.2f}, and it takes {rule.shown:g}"
            )
        return Comparison(control, less, more, effects, said)

    @cached_property
    def measured_strength(self) -> Mapping[str, Comparison]:
        """For each control whose strength was shown the comparison that counts: of several the one that shows least."""
        found: dict[str, Comparison] = {}
        for one in self.comparisons:
            if one.refused:
                continue
            held = found.get(one.control)
            if held is None or one.effects[Skill.SKILLED].mean < held.effects[Skill.SKILLED].mean:
                found[one.control] = one
        return found

    # ------------------------------------------------------------ what each counts for
    @cached_property
    def weighed(self) -> tuple[Weighed, ...]:
        """Every observation with what it counts for, in order of id."""
        return tuple(self._weigh(one) for one in sorted(self._system.evidence, key=lambda one: one.id))

    def _weigh(self, one: Observation) -> Weighed:
        if one.id in self.refused:
            return Weighed(one, (), self.refused[one.id])
        if one.findings is not None:
            return Weighed(one, (WEAKNESS,))
        steps = self.steps_of[one.id]
        chosen = [trials for trials in map(self.trials, steps) if trials is not None and one in trials.observations]
        strengths = [
            each for each in self.comparisons if one in (*each.without.observations, *each.with_it.observations)
        ]
        uses = (CHANCE,) * bool(chosen) + (STRENGTH,) * any(not each.refused for each in strengths)
        if uses:
            return Weighed(one, uses, "; ".join(each.refused for each in strengths if each.refused))
        groups = [group for step in steps for group in self._groups(step) if one in group.observations]
        little = next(
            (said for said in (group.too_little(self.compiled.settings.tests) for group in groups) if said), ""
        )
        other = "another test, with the controls that are implemented or with more prompts, decides this step"
        return Weighed(one, (), "; ".join([little or other, *(each.refused for each in strengths)]))

    @property
    def _system(self) -> System:
        return self.compiled.system


def _left(takes: Iterable[float], share: float) -> float:
    """What of a chance is left by controls that each take so much, times a share of that."""
    left = 1.0
    for one in takes:
        left *= 1.0 - one * share
    return left


def _share(takes: list[float], wanted: float) -> float:
    """The share of what they take at which controls leave what is wanted of a certain step."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _left(takes, middle) > wanted else (low, middle)
    return low


def told(one: Weighed) -> str:
    """What an observation counts for, in a sentence."""
    words: Mapping[str, str] = {
        CHANCE: "it moves the chance of its steps",
        STRENGTH: "it measures the strength of a control",
        WEAKNESS: "the weakness is taken to be there",
    }
    said = " and ".join(words[use] for use in one.uses) or "it is shown, and moves no number"
    return f"{said}: {one.why}" if one.why else said


def unused_evidence(compiled: Compiled) -> tuple[Weighed, ...]:
    """The tests and scans that move no number, each with the reason."""
    return tuple(one for one in compiled.measurements.weighed if not one.uses)


def strengths(compiled: Compiled) -> tuple[Comparison, ...]:
    """Every two tests that differ in one control, with what they say of its strength, whether that counts or not."""
    return compiled.measurements.comparisons
