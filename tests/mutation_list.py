"""Plausible mistakes in the engine, each with the tests that should notice it; see ``mutations.py``."""

from __future__ import annotations

from dataclasses import dataclass

EXACT = ("test_likelihood", "test_laws", "test_modules", "test_traps", "test_networks")
SIMULATED = ("test_agreement", "test_worlds", "test_likelihood", "test_laws", "test_traps")
BOUNDS = ("test_bounds", "test_laws")
RARE = ("test_rare", "test_agreement")
INTERVALS = ("test_intervals", "test_likelihood", "test_worlds", "test_losses")
PATHS = ("test_derivations", "test_paths", "test_traps")
PLANS = ("test_programs",)
TREES = ("test_junction", "test_likelihood")
CUTS = ("test_frontier",)
CHANGES = ("test_changes",)


@dataclass(frozen=True)
class Mutation:
    """One mistake: ``old`` stands exactly once in ``file`` and becomes ``new``; ``tests`` should notice."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def applied(self, text: str) -> str:
        count = text.count(self.old)
        if count != 1:
            raise ValueError(f"“{self.name}” no longer applies: its text stands {count} times in {self.file}")
        return text.replace(self.old, self.new)


MUTATIONS = (
    # ------------------------------------------------------------ the kernel of big integers
    Mutation(
        "ints: a back edge of every loop is dropped",
        "kernel_ints.py",
        "users[user_at[source] : user_at[source + 1]]",
        "users[user_at[source] : user_at[source + 1] - 1]",
        SIMULATED,
    ),
    Mutation(
        "ints: one need of an AND step is enough",
        "kernel_ints.py",
        "mask &= held[need]",
        "mask &= held[need] if need == needs[need_at[step]] else full",
        SIMULATED,
    ),
    Mutation(
        "ints: coverage is forgotten",
        "kernel_ints.py",
        "mask &= ~(stops if coverages[cover] < 0 else stops & bits[coverages[cover]])",
        "mask &= ~stops",
        SIMULATED,
    ),
    Mutation("ints: facts of the start are forgotten", "kernel_ints.py", "held[fact] = full", "pass", SIMULATED),
    Mutation(
        "ints: a replay does not follow facts that have changed",
        "kernel_ints.py",
        " and moved.isdisjoint(needs[need_at[begin] : need_at[end]])",
        "",
        SIMULATED,
    ),
    Mutation(
        "ints: a replayed loop holds itself up (greatest fixpoint)",
        "kernel_ints.py",
        "held[low:high] = [0] * (high - low)",
        "pass",
        SIMULATED,
    ),
    Mutation(
        "ints: draws of another case are kept",
        "kernel_ints.py",
        "bits, chosen = list(last[2]), np.flatnonzero(last[1].changed(thresholds))",
        "bits, chosen = list(last[2]), np.flatnonzero(last[1].changed(thresholds))[1:]",
        SIMULATED,
    ),
    Mutation(
        "ints: draws of another chunk are kept",
        "kernel_ints.py",
        "if last is not None and last[0] != place:",
        "if last is not None and last[0] == (first + 1, blocks):",
        SIMULATED,
    ),
    Mutation(
        "replay: a control that has changed is forgotten",
        "arrays.py",
        "known[self.control] | known[self.coverage]",
        "known[self.coverage]",
        SIMULATED,
    ),
    # ------------------------------------------------------------ the compiled kernel
    Mutation(
        "numba: a back edge of every loop is dropped",
        "kernel_numba.py",
        "for at in range(user_at[source], user_at[source + 1]):",
        "for at in range(user_at[source], user_at[source + 1] - 1):",
        SIMULATED,
    ),
    Mutation(
        "numba: one need of an AND step is enough",
        "kernel_numba.py",
        "wanted &= held[needs[at], begin + lane]",
        "wanted &= held[needs[need_at[step]], begin + lane]",
        SIMULATED,
    ),
    Mutation(
        "numba: two blocks share their random words",
        "kernel_numba.py",
        "np.uint64(64 * block)",
        "np.uint64(64 * (block // 2))",
        SIMULATED,
    ),
    Mutation(
        "numba: draws of a control are kept from one group of words to the next",
        "kernel_numba.py",
        "if stamp[place] != group:",
        "if stamp[place] < 0:",
        SIMULATED,
    ),
    Mutation(
        "numba: coverage is forgotten",
        "kernel_numba.py",
        "if coverage[at] >= 0 and stopped != np.uint64(0):",
        "if coverage[at] >= 0 and stopped == np.uint64(0):",
        SIMULATED,
    ),
    Mutation(
        "numba: a replay does not follow facts that have changed",
        "kernel_numba.py",
        "moved[fact] = True",
        "moved[fact] = False",
        SIMULATED,
    ),
    Mutation(
        "numba: a replayed loop holds itself up (greatest fixpoint)",
        "kernel_numba.py",
        "begin : begin + count] = np.uint64(0)",
        "begin : begin + count] |= np.uint64(0)",
        SIMULATED,
    ),
    # ------------------------------------------------------------ draws and worlds
    Mutation(
        "draws: all events have the same step width",
        "draws.py",
        "halves[:, 1] | _ONE",
        "halves[:, 1] * np.uint64(0) | _ONE",
        SIMULATED,
    ),
    Mutation(
        "draws: planes of one block are those of the next",
        "draws.py",
        "dtype=np.uint64) << np.uint64(6)",
        "dtype=np.uint64) << np.uint64(5)",
        SIMULATED,
    ),
    Mutation(
        "draws: the threshold is the square of the chance",
        "draws.py",
        "np.clip(chances, 0.0, 1.0) * 2.0**64",
        "np.clip(chances, 0.0, 1.0) ** 2 * 2.0**64",
        SIMULATED,
    ),
    Mutation(
        "worlds: those beyond the last are counted",
        "chunks.py",
        "held[:, -1] &= np.uint64((1 << count % 64) - 1)",
        "pass",
        SIMULATED,
    ),
    Mutation(
        "worlds: what a case saves is never negative",
        "worlds.py",
        "0.0 if better[case] else -most[case]",
        "0.0",
        SIMULATED,
    ),
    # ------------------------------------------------------------ events
    Mutation(
        "events: a shared control is drawn for each step",
        "events.py",
        "or self.met[cover.control] == 1",
        "or self.met[cover.control] >= 1",
        EXACT,
    ),
    Mutation(
        "events: an independent control is drawn once",
        "events.py",
        "self.controls[cover.control].independent or self.met",
        "self.met",
        EXACT,
    ),
    Mutation(
        "events: steps merge although they meet different controls",
        "events.py",
        "grouped[needs, tuple(sorted(cover.control for cover in shared))]",
        "grouped[needs, tuple(sorted(cover.control for cover in shared)[:1])]",
        EXACT,
    ),
    Mutation(
        "events: partial coverage is none",
        "events.py",
        "if cover.coverage == 0:",
        "if cover.coverage < 1:",
        EXACT,
    ),
    Mutation(
        "events: a folded control covers in full",
        "events.py",
        "chance *= 1.0 - held[cover.control] * cover.coverage",
        "chance *= 1.0 - held[cover.control]",
        EXACT,
    ),
    Mutation(
        "events: chances of steps side by side are added",
        "events.py",
        "fails *= 1.0 - chance",
        "fails -= chance",
        EXACT,
    ),
    Mutation(
        "events: a blocked step still succeeds",
        "events.py",
        "0.0 if member.step in blocked else self.graph.step_by_id[member.step].chance",
        "self.graph.step_by_id[member.step].chance",
        EXACT,
    ),
    Mutation(
        "events: steps into the start are kept",
        "events.py",
        "one.gains not in start and one.gains not in one.needs",
        "one.gains not in one.needs",
        EXACT,
    ),
    # ------------------------------------------------------------ the exact tier
    Mutation(
        "exact: AND as OR", "exact.py", "condition & self.functions[need]", "condition | self.functions[need]", EXACT
    ),
    Mutation(
        "exact: OR as exclusive or", "exact.py", "grown = before | condition", "grown = before ^ condition", EXACT
    ),
    Mutation("exact: OR as AND", "exact.py", "grown = before | condition", "grown = before & condition", EXACT),
    Mutation(
        "exact: coverage without the control",
        "exact.py",
        "stopped = stopped & self.variable(coverage)",
        "stopped = self.variable(coverage)",
        EXACT,
    ),
    Mutation(
        "exact: a back edge of every loop is dropped",
        "exact.py",
        "dict.fromkeys(users[step.gains])",
        "dict.fromkeys(users[step.gains][:-1])",
        EXACT,
    ),
    Mutation(
        "exact: greatest instead of least fixpoint",
        "exact.py",
        "{fact: self.manager.false() for fact in component.facts}",
        "{f: self.manager.false() if len(component.facts) == 1 else self.manager.true() for f in component.facts}",
        EXACT,
    ),
    Mutation(
        "exact: noisy OR instead of the OR of functions",
        "exact.py",
        "weight * value[self.high[level]] + (1.0 - weight) * value[self.low[level]]",
        "1 - (1 - weight * value[self.high[level]]) * (1 - value[self.low[level]])",
        EXACT,
    ),
    Mutation(
        "modules: a control that two parts meet does not tie them",
        "modules.py",
        "links.add_edge(step, control)",
        "links.add_edge(step, (step, control))",
        EXACT,
    ),
    # ------------------------------------------------------------ junction trees
    Mutation("loops: a wave counts twice", "loops.py", "ready &= ~before", "ready &= ready", TREES),
    Mutation("loops: news of one wave are lost", "loops.py", "outside | now | news |", "outside | now |", TREES),
    Mutation(
        "rules: one way to a fact hides those before",
        "rules.py",
        "np.stack((chance, np.ones_like(chance)))",
        "np.stack((chance, chance))",
        TREES,
    ),
    Mutation(
        "rules: a control lets pass where it holds",
        "rules.py",
        "found[0 if self.stops else 1] = 1.0",
        "found[1] = 1.0",
        TREES,
    ),
    Mutation(
        "junction: what a bag hears from above is not divided by what it said",
        "junction.py",
        "np.divide(whole, below, out=np.zeros_like(whole), where=below > 0)",
        "whole",
        TREES,
    ),
    Mutation("junction: a variable goes untied", "junction.py", "tied[other] |= new", "pass", TREES),
    # ------------------------------------------------------------ lines of cuts
    Mutation(
        "closures: what follows from what is new is forgotten",
        "closures.py",
        "if fact != gains:",
        "if fact == -1:",
        CUTS,
    ),
    Mutation(
        "closures: one way to a need hides what may be given",
        "closures.py",
        "if given >> need & 1:",
        "if given >> need & 1 and not each:",
        CUTS,
    ),
    Mutation("closures: a fact stays given after its last step", "closures.py", "lost = ~given", "lost = 0", CUTS),
    Mutation(
        "sweep: a control counts from either end",
        "sweep.py",
        "self.factors() if self.item.kind is Kind.OPEN else (0, 0)",
        "self.factors()",
        CUTS,
    ),
    Mutation(
        "sweep: both sides meet once only",
        "sweep.py",
        "if (more == true).all():",
        "if true.any() or (more == true).all():",
        CUTS,
    ),
    Mutation(
        "sweep: a control may hold on one side alone",
        "sweep.py",
        "holds &= first.held[:, np.newaxis] == second.held[np.newaxis, :]",
        "pass",
        CUTS,
    ),
    Mutation(
        "sweep: a step that is stopped in part is stopped",
        "sweep.py",
        "if -1 in others or more == less:",
        "if others or more == less:",
        CUTS,
    ),
    Mutation(
        "line: a part of what is needed is enough",
        "line.py",
        "needs = [part, *needs[2:]]",
        "needs = [part, *needs[3:]]",
        CUTS,
    ),
    Mutation(
        "likelihood: a large loop that is no easy one is not tried as a whole",
        "likelihood.py",
        "or isinstance(error, LargeLoopError)",
        "",
        CUTS,
    ),
    # ------------------------------------------------------------ many changes at once
    Mutation(
        "lanes: a change takes away what another does",
        "kernel_lanes.py",
        "fires_in[lane >> 6] &= ~(_ONE << np.uint64(lane & 63))",
        "fires_in[lane >> 6] = np.uint64(0)",
        CHANGES,
    ),
    Mutation(
        "lanes: a loop is walked through once",
        "kernel_lanes.py",
        "grown = grown and loop[component[steps[begin]]]",
        "grown = False",
        CHANGES,
    ),
    Mutation(
        "lanes: added steps need nothing",
        "kernel_lanes.py",
        "fires_in[word] &= gained[need, word]",
        "fires_in[word] &= _ALL",
        CHANGES,
    ),
    Mutation(
        "changes: a control's coverage is forgotten",
        "changes.py",
        "found[pairs] &= ~(table[control] & table[coverage])",
        "found[pairs] &= ~table[control]",
        CHANGES,
    ),
    # ------------------------------------------------------------ bounds and intervals
    Mutation(
        "bounds: a shared control is multiplied from above",
        "bounds.py",
        "self.own[step] * min(least, self.shared[step])",
        "self.own[step] * least * self.shared[step]",
        BOUNDS,
    ),
    Mutation(
        "bounds: needs are multiplied from above",
        "bounds.py",
        "least = min((self.high[need] for need in self.needs(step)), default=1.0)",
        "least = float(np.prod([self.high[need] for need in self.needs(step)]))",
        BOUNDS,
    ),
    Mutation(
        "bounds: ways are added from below",
        "bounds.py",
        "self.low[fact] = chance\n",
        "self.low[fact] = 1 - (1 - self.low[fact]) * (1 - chance)\n",
        BOUNDS,
    ),
    Mutation(
        "bounds: a loop is left before its bound is closed",
        "bounds.py",
        "if all(self.above(steps) <= self.high[fact] for fact, steps in producers.items()):",
        "if margin:",
        BOUNDS,
    ),
    Mutation(
        "intervals: both tails on one side", "intervals.py", "(1.0 - confidence) / 2", "1.0 - confidence", INTERVALS
    ),
    Mutation(
        "intervals: the wrong sign",
        "intervals.py",
        "min(moments.most, mean + margin)",
        "min(moments.most, mean - margin)",
        INTERVALS,
    ),
    Mutation(
        "intervals: the range of losses is left out",
        "intervals.py",
        "7 * (moments.most - moments.least) * log",
        "7 * log",
        INTERVALS,
    ),
    Mutation(
        "likelihood: every look at a simulation takes the whole risk",
        "likelihood.py",
        "1.0 - (1.0 - options.confidence) / len(simulation.looks(count))",
        "options.confidence",
        INTERVALS,
    ),
    # ------------------------------------------------------------ rare facts
    Mutation(
        "rare: the chance of one cut is left out",
        "rare.py",
        "_some(weights[list(cut)]) for cut in cuts)",
        "_some(weights[list(cut)]) for cut in cuts[1:] or cuts)",
        RARE,
    ),
    Mutation("rare: cuts share events", "rare.py", "if used.isdisjoint(events):", "if events:", RARE),
    Mutation(
        "rare: steps after the first of a cut never happen",
        "rare.py",
        "masks[0] | (bits[event] & masks[1])",
        "masks[0]",
        RARE,
    ),
    Mutation(
        "rare: ways straight from the start are left out of a cut",
        "rare.py",
        "not any(need in inside for need in needs[step])",
        "not all(need in inside for need in needs[step])",
        RARE,
    ),
    Mutation(
        "likelihood: what is nearly known is called exact",
        "likelihood.py",
        "_ROUNDING = 1e-12",
        "_ROUNDING = 1e-2",
        ("test_bounds", "test_likelihood"),
    ),
    # ------------------------------------------------------------ paths
    Mutation(
        "derivations: the dearest need instead of the sum",
        "derivations.py",
        "self.costs[user] + sum([price[need] for need in self.needs[user]])",
        "self.costs[user] + max([price[need] for need in self.needs[user]])",
        PATHS,
    ),
    Mutation(
        "derivations: what else is needed is counted with the need itself",
        "derivations.py",
        "outside[need] = bound - price[need]",
        "outside[need] = bound",
        PATHS,
    ),
    Mutation(
        "derivations: the first steps that are looked at are all there are",
        "derivations.py",
        "radius = order[size][0] if size < len(order) else math.inf",
        "radius = math.inf",
        PATHS,
    ),
    Mutation(
        "derivations: a control is dear although it covers in part",
        "derivations.py",
        "controls[cover.control].holds * cover.coverage",
        "controls[cover.control].holds",
        PATHS,
    ),
    Mutation(
        "derivations: a subproblem is said to cost more than it may, by its fixed steps",
        "derivations.py",
        "total += count * (self.through(step, least) - least[fact])",
        "total += count * self.costs[step]",
        PATHS,
    ),
    Mutation(
        "derivations: a subproblem is said to cost more than it may, by what is needed twice",
        "derivations.py",
        "times[need] = times.get(need, 0) + count",
        "times[need] = times.get(need, 0) + 2 * count",
        PATHS,
    ),
    Mutation(
        "paths: as many as are asked for are enough although something is shared",
        "paths.py",
        "not self._trivial and _nothing_shared(graph)",
        "not self._trivial",
        PATHS,
    ),
    Mutation(
        "paths: a shared control counts at every hop", "paths.py", "if control.independent:", "if control:", PATHS
    ),
    # ------------------------------------------------------------ plans
    Mutation(
        "programs: all needs of an AND step count (m instead of m - 1)",
        "programs.py",
        "add(terms, 1.0 - len(needs))",
        "add(terms, 0.0 - len(needs))",
        PLANS,
    ),
    Mutation(
        "programs: partial coverage breaks a step",
        "programs.py",
        "if cover.coverage == 1.0 and cover.control in able",
        "if cover.coverage > 0.0 and cover.control in able",
        PLANS,
    ),
    Mutation(
        "programs: what stands already is forgotten",
        "programs.py",
        "graph = without_broken(front.graph, given)",
        "graph = front.graph",
        PLANS,
    ),
    Mutation(
        "programs: what costs nothing is kept although it does nothing",
        "programs.py",
        "while spare := droppable(fronts, choices, given, chosen):",
        "while spare := droppable(fronts, choices, given, chosen)[1:]:",
        PLANS,
    ),
    Mutation(
        "budgets: a branch is bounded by what it has, not by what it may still have",
        "budgets.py",
        "heapq.heappush(queue, (self._known[child.all], made, child))",
        "heapq.heappush(queue, (self._known[child.inside], made, child))",
        PLANS,
    ),
)
