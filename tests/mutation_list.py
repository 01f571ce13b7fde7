"""Plausible mistakes in the engine, each with the tests that should notice it; see ``mutations.py``."""

from __future__ import annotations

from dataclasses import dataclass

EXACT = (
    "engine/test_likelihood",
    "engine/test_laws",
    "engine/test_modules",
    "engine/test_traps",
    "engine/test_networks",
)
SIMULATED = (
    "engine/test_agreement",
    "engine/test_worlds",
    "engine/test_likelihood",
    "engine/test_laws",
    "engine/test_traps",
)
BOUNDS = ("engine/test_bounds", "engine/test_laws")
RARE = ("engine/test_rare", "engine/test_agreement")
INTERVALS = ("engine/test_intervals", "engine/test_likelihood", "engine/test_worlds", "losses/test_distribution")
PATHS = ("engine/test_derivations", "engine/test_paths", "engine/test_traps")
PLANS = ("planning/test_programs", "planning/test_solvers")
TREES = ("engine/test_junction", "engine/test_likelihood")
CUTS = ("engine/test_treecuts",)
CHANGES = ("engine/test_changes",)
CREDIT = ("binding/test_credit",)
BODIES = ("binding/test_bodies",)
STRENGTH = ("binding/test_strength",)


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
        "engine/worlds/kernel_ints.py",
        "users[user_at[source] : user_at[source + 1]]",
        "users[user_at[source] : user_at[source + 1] - 1]",
        SIMULATED,
    ),
    Mutation(
        "ints: one need of an AND step is enough",
        "engine/worlds/kernel_ints.py",
        "mask &= held[need]",
        "mask &= held[need] if need == needs[need_at[step]] else full",
        SIMULATED,
    ),
    Mutation(
        "ints: coverage is forgotten",
        "engine/worlds/kernel_ints.py",
        "mask &= ~(stops if coverages[cover] < 0 else stops & bits[coverages[cover]])",
        "mask &= ~stops",
        SIMULATED,
    ),
    Mutation(
        "ints: facts of the start are forgotten", "engine/worlds/kernel_ints.py", "held[fact] = full", "pass", SIMULATED
    ),
    Mutation(
        "ints: a replay does not follow facts that have changed",
        "engine/worlds/kernel_ints.py",
        " and moved.isdisjoint(needs[need_at[begin] : need_at[end]])",
        "",
        SIMULATED,
    ),
    Mutation(
        "ints: a replayed loop holds itself up (greatest fixpoint)",
        "engine/worlds/kernel_ints.py",
        "held[low:high] = [0] * (high - low)",
        "pass",
        SIMULATED,
    ),
    Mutation(
        "ints: draws of another case are kept",
        "engine/worlds/kernel_ints.py",
        "bits, chosen = list(last[2]), np.flatnonzero(last[1].changed(thresholds))",
        "bits, chosen = list(last[2]), np.flatnonzero(last[1].changed(thresholds))[1:]",
        SIMULATED,
    ),
    Mutation(
        "ints: draws of another chunk are kept",
        "engine/worlds/kernel_ints.py",
        "if last is not None and last[0] != place:",
        "if last is not None and last[0] == (first + 1, blocks):",
        SIMULATED,
    ),
    Mutation(
        "replay: a control that has changed is forgotten",
        "engine/worlds/arrays.py",
        "known[self.control] | known[self.coverage]",
        "known[self.coverage]",
        SIMULATED,
    ),
    # ------------------------------------------------------------ the compiled kernel
    Mutation(
        "numba: a back edge of every loop is dropped",
        "engine/worlds/kernel_numba.py",
        "for at in range(user_at[source], user_at[source + 1]):",
        "for at in range(user_at[source], user_at[source + 1] - 1):",
        SIMULATED,
    ),
    Mutation(
        "numba: one need of an AND step is enough",
        "engine/worlds/kernel_numba.py",
        "wanted &= held[needs[at], begin + lane]",
        "wanted &= held[needs[need_at[step]], begin + lane]",
        SIMULATED,
    ),
    Mutation(
        "numba: two blocks share their random words",
        "engine/worlds/kernel_numba.py",
        "np.uint64(64 * block)",
        "np.uint64(64 * (block // 2))",
        SIMULATED,
    ),
    Mutation(
        "numba: draws of a control are kept from one group of words to the next",
        "engine/worlds/kernel_numba.py",
        "if stamp[place] != group:",
        "if stamp[place] < 0:",
        SIMULATED,
    ),
    Mutation(
        "numba: coverage is forgotten",
        "engine/worlds/kernel_numba.py",
        "if coverage[at] >= 0 and stopped != np.uint64(0):",
        "if coverage[at] >= 0 and stopped == np.uint64(0):",
        SIMULATED,
    ),
    Mutation(
        "numba: a replay does not follow facts that have changed",
        "engine/worlds/kernel_numba.py",
        "moved[fact] = True",
        "moved[fact] = False",
        SIMULATED,
    ),
    Mutation(
        "numba: a replayed loop holds itself up (greatest fixpoint)",
        "engine/worlds/kernel_numba.py",
        "begin : begin + count] = np.uint64(0)",
        "begin : begin + count] |= np.uint64(0)",
        SIMULATED,
    ),
    # ------------------------------------------------------------ draws and worlds
    Mutation(
        "draws: all events have the same step width",
        "engine/worlds/draws.py",
        "halves[:, 1] | _ONE",
        "halves[:, 1] * np.uint64(0) | _ONE",
        SIMULATED,
    ),
    Mutation(
        "draws: planes of one block are those of the next",
        "engine/worlds/draws.py",
        "dtype=np.uint64) << np.uint64(6)",
        "dtype=np.uint64) << np.uint64(5)",
        SIMULATED,
    ),
    Mutation(
        "draws: the threshold is the square of the chance",
        "engine/worlds/draws.py",
        "np.clip(chances, 0.0, 1.0) * 2.0**64",
        "np.clip(chances, 0.0, 1.0) ** 2 * 2.0**64",
        SIMULATED,
    ),
    Mutation(
        "worlds: those beyond the last are counted",
        "engine/worlds/chunks.py",
        "held[:, -1] &= np.uint64((1 << count % 64) - 1)",
        "pass",
        SIMULATED,
    ),
    Mutation(
        "worlds: what a case saves is never negative",
        "engine/worlds/simulation.py",
        "0.0 if better[case] else -most[case]",
        "0.0",
        SIMULATED,
    ),
    # ------------------------------------------------------------ events
    Mutation(
        "events: a shared control is drawn for each step",
        "engine/events.py",
        "or self.met[cover.control] == 1",
        "or self.met[cover.control] >= 1",
        EXACT,
    ),
    Mutation(
        "events: an independent control is drawn once",
        "engine/events.py",
        "self.controls[cover.control].independent or self.met",
        "self.met",
        EXACT,
    ),
    Mutation(
        "events: steps merge although they meet different controls",
        "engine/events.py",
        "grouped[needs, tuple(sorted(cover.control for cover in shared))]",
        "grouped[needs, tuple(sorted(cover.control for cover in shared)[:1])]",
        EXACT,
    ),
    Mutation(
        "events: partial coverage is none",
        "engine/events.py",
        "if cover.coverage == 0:",
        "if cover.coverage < 1:",
        EXACT,
    ),
    Mutation(
        "events: a folded control covers in full",
        "engine/events.py",
        "chance *= 1.0 - held[cover.control] * cover.coverage",
        "chance *= 1.0 - held[cover.control]",
        EXACT,
    ),
    Mutation(
        "events: chances of steps side by side are added",
        "engine/events.py",
        "fails *= 1.0 - chance",
        "fails -= chance",
        EXACT,
    ),
    Mutation(
        "events: a blocked step still succeeds",
        "engine/events.py",
        "self.graph.step_by_id[member.step].chance * (1.0 - shares.get(member.step, 0.0))",
        "self.graph.step_by_id[member.step].chance",
        EXACT,
    ),
    Mutation(
        "events: steps into the start are kept",
        "engine/events.py",
        "one.gains not in start and one.gains not in one.needs",
        "one.gains not in one.needs",
        EXACT,
    ),
    # ------------------------------------------------------------ the exact tier
    Mutation(
        "exact: AND as OR",
        "engine/exact/diagrams.py",
        "condition & self.functions[need]",
        "condition | self.functions[need]",
        EXACT,
    ),
    Mutation(
        "exact: OR as exclusive or",
        "engine/exact/diagrams.py",
        "grown = before | condition",
        "grown = before ^ condition",
        EXACT,
    ),
    Mutation(
        "exact: OR as AND",
        "engine/exact/diagrams.py",
        "grown = before | condition",
        "grown = before & condition",
        EXACT,
    ),
    Mutation(
        "exact: coverage without the control",
        "engine/exact/diagrams.py",
        "stopped = stopped & self.variable(coverage)",
        "stopped = self.variable(coverage)",
        EXACT,
    ),
    Mutation(
        "exact: a back edge of every loop is dropped",
        "engine/exact/diagrams.py",
        "dict.fromkeys(users[step.gains])",
        "dict.fromkeys(users[step.gains][:-1])",
        EXACT,
    ),
    Mutation(
        "exact: greatest instead of least fixpoint",
        "engine/exact/diagrams.py",
        "{fact: self.manager.false() for fact in component.facts}",
        "{f: self.manager.false() if len(component.facts) == 1 else self.manager.true() for f in component.facts}",
        EXACT,
    ),
    Mutation(
        "exact: noisy OR instead of the OR of functions",
        "engine/exact/diagrams.py",
        "weight * value[self.high[level]] + (1.0 - weight) * value[self.low[level]]",
        "1 - (1 - weight * value[self.high[level]]) * (1 - value[self.low[level]])",
        EXACT,
    ),
    Mutation(
        "modules: a control that two parts meet does not tie them",
        "engine/exact/modules.py",
        "links.add_edge(step, control)",
        "links.add_edge(step, (step, control))",
        EXACT,
    ),
    # ------------------------------------------------------------ junction trees
    Mutation("loops: a wave counts twice", "engine/exact/loops.py", "ready &= ~before", "ready &= ready", TREES),
    Mutation(
        "loops: news of one wave are lost", "engine/exact/loops.py", "outside | now | news |", "outside | now |", TREES
    ),
    Mutation(
        "rules: one way to a fact hides those before",
        "engine/exact/rules.py",
        "np.stack((chance, np.ones_like(chance)))",
        "np.stack((chance, chance))",
        TREES,
    ),
    Mutation(
        "rules: a control lets pass where it holds",
        "engine/exact/rules.py",
        "found[0 if self.stops else 1] = 1.0",
        "found[1] = 1.0",
        TREES,
    ),
    Mutation(
        "junction: what a bag hears from above is not divided by what it said",
        "engine/exact/junction.py",
        "np.divide(whole, below, out=np.zeros_like(whole), where=below > 0)",
        "whole",
        TREES,
    ),
    Mutation("junction: a variable goes untied", "engine/exact/junction.py", "tied[other] |= new", "pass", TREES),
    # ------------------------------------------------------------ trees of cuts
    Mutation(
        "joins: what follows through what both sides share is forgotten",
        "engine/exact/kernel_joins.py",
        "row[i] |= through",
        "row[i] |= bit",
        CUTS,
    ),
    Mutation(
        "joins: two steps to one fact are not two ways",
        "engine/exact/kernel_joins.py",
        "row[facts_b[i]] |= rows_b[b, i]",
        "row[facts_b[i]] = rows_b[b, i]",
        CUTS,
    ),
    Mutation(
        "joins: a way is closed in one round",
        "engine/exact/kernel_joins.py",
        "news = news or said > 0",
        "news = False",
        CUTS,
    ),
    Mutation(
        "joins: operators that differ in their controls are one",
        "engine/exact/kernel_joins.py",
        "same = out_held[at] == held and out_at[at + 1] - out_at[at] == ways",
        "same = out_at[at + 1] - out_at[at] == ways",
        CUTS,
    ),
    Mutation(
        "joins: a part of what is needed is enough",
        "engine/exact/joins.py",
        "if len(needs) > 1:",
        "if len(needs) > 2:",
        CUTS,
    ),
    Mutation(
        "joins: a step that is stopped in part is stopped",
        "engine/exact/joins.py",
        "if -1 in others:",
        "if others:",
        CUTS,
    ),
    Mutation(
        "joins: a control counts on each side",
        "engine/exact/joins.py",
        "shared = [one for one in a.controls if one in b.controls]",
        "shared = []",
        CUTS,
    ),
    Mutation(
        "joins: no link matters that leads to a fact with one use",
        "engine/exact/joins.py",
        "sources[f] & ~(1 << g) and uses & ~(1 << f)",
        "sources[f] & ~(1 << g) and uses & (uses - 1) & ~(1 << f)",
        CUTS,
    ),
    Mutation(
        "joins: slopes forget that a step may fail",
        "engine/exact/joins.py",
        "happens = by_factor[2 * number + 1] - by_factor[2 * number + 2]",
        "happens = by_factor[2 * number + 1]",
        CUTS,
    ),
    Mutation(
        "joins: slopes count one side of a join",
        "engine/exact/kernel_joins.py",
        "slope[a] += total",
        "slope[a] += 0.0",
        CUTS,
    ),
    Mutation(
        "trees: what may come about past a forgotten fact is lost",
        "engine/exact/kernel_trees.py",
        "rows[q] = rows[q] & ~(1 << p) | through",
        "rows[q] = rows[q] & ~(1 << p)",
        CUTS,
    ),
    Mutation(
        "trees: subtrees change places and keep what they said",
        "engine/exact/kernel_trees.py",
        "near[u, kb], back[u, kb], message[u, kb] = nc, nck, moved",
        "near[u, kb], back[u, kb], message[u, kb] = nc, nck, kept",
        CUTS,
    ),
    Mutation(
        "trees: a second annealing writes over messages in use",
        "engine/exact/kernel_trees.py",
        "spare[0], spare[1] = free, other",
        "pass",
        CUTS,
    ),
    Mutation(
        "reductions: what needs more is as good as what needs less",
        "engine/exact/reductions.py",
        "needs < step.needs or (needs == step.needs and not step.always)",
        "needs & step.needs or (needs == step.needs and not step.always)",
        CUTS,
    ),
    Mutation(
        "reductions: one way to a fact is enough for what comes before it",
        "engine/exact/reductions.py",
        "found &= own",
        "found |= own",
        CUTS,
    ),
    Mutation(
        "reductions: parts of many needs are left out",
        "engine/exact/reductions.py",
        "needs = [part, *needs[2:]]",
        "needs = [part, *needs[3:]]",
        CUTS,
    ),
    Mutation(
        "reductions: a fact that follows always is another that may not",
        "engine/exact/reductions.py",
        "if step.always and len(step.needs) <= 1:",
        "if len(step.needs) <= 1:",
        CUTS,
    ),
    Mutation(
        "diagrams: slopes forget modules",
        "engine/exact/diagrams.py",
        "slope[self.modules[module]] += change",
        "pass",
        CUTS,
    ),
    # ------------------------------------------------------------ many changes at once
    Mutation(
        "lanes: a change takes away what another does",
        "engine/worlds/kernel_lanes.py",
        "fires_in[lane >> 6] &= ~(_ONE << np.uint64(lane & 63))",
        "fires_in[lane >> 6] = np.uint64(0)",
        CHANGES,
    ),
    Mutation(
        "lanes: a loop is walked through once",
        "engine/worlds/kernel_lanes.py",
        "grown = grown and loop[component[steps[begin]]]",
        "grown = False",
        CHANGES,
    ),
    Mutation(
        "lanes: added steps need nothing",
        "engine/worlds/kernel_lanes.py",
        "fires_in[word] &= gained[need, word]",
        "fires_in[word] &= _ALL",
        CHANGES,
    ),
    Mutation(
        "changes: a control's coverage is forgotten",
        "engine/worlds/changes.py",
        "found[pairs] &= ~(table[control] & table[coverage])",
        "found[pairs] &= ~table[control]",
        CHANGES,
    ),
    # ------------------------------------------------------------ bounds and intervals
    Mutation(
        "bounds: a shared control is multiplied from above",
        "engine/bounds.py",
        "self.own[step] * min(least, self.shared[step])",
        "self.own[step] * least * self.shared[step]",
        BOUNDS,
    ),
    Mutation(
        "bounds: needs are multiplied from above",
        "engine/bounds.py",
        "least = min((self.high[need] for need in self.needs(step)), default=1.0)",
        "least = float(np.prod([self.high[need] for need in self.needs(step)]))",
        BOUNDS,
    ),
    Mutation(
        "bounds: ways are added from below",
        "engine/bounds.py",
        "self.low[fact] = chance\n",
        "self.low[fact] = 1 - (1 - self.low[fact]) * (1 - chance)\n",
        BOUNDS,
    ),
    Mutation(
        "bounds: a loop is left before its bound is closed",
        "engine/bounds.py",
        "if all(self.above(steps) <= self.high[fact] for fact, steps in producers.items()):",
        "if margin:",
        BOUNDS,
    ),
    Mutation(
        "intervals: both tails on one side",
        "engine/intervals.py",
        "(1.0 - confidence) / 2",
        "1.0 - confidence",
        INTERVALS,
    ),
    Mutation(
        "intervals: the wrong sign",
        "engine/intervals.py",
        "min(moments.most, mean + margin)",
        "min(moments.most, mean - margin)",
        INTERVALS,
    ),
    Mutation(
        "intervals: the range of losses is left out",
        "engine/intervals.py",
        "7 * (moments.most - moments.least) * log",
        "7 * log",
        INTERVALS,
    ),
    Mutation(
        "likelihood: every look at a simulation takes the whole risk",
        "engine/likelihood.py",
        "1.0 - (1.0 - options.confidence) / len(simulation.looks(count))",
        "options.confidence",
        INTERVALS,
    ),
    # ------------------------------------------------------------ rare facts
    Mutation(
        "rare: the chance of one cut is left out",
        "engine/worlds/rare.py",
        "_some(weights[list(cut)]) for cut in cuts)",
        "_some(weights[list(cut)]) for cut in cuts[1:] or cuts)",
        RARE,
    ),
    Mutation("rare: cuts share events", "engine/worlds/rare.py", "if used.isdisjoint(events):", "if events:", RARE),
    Mutation(
        "rare: steps after the first of a cut never happen",
        "engine/worlds/rare.py",
        "masks[0] | (bits[event] & masks[1])",
        "masks[0]",
        RARE,
    ),
    Mutation(
        "rare: ways straight from the start are left out of a cut",
        "engine/worlds/rare.py",
        "not any(need in inside for need in needs[step])",
        "not all(need in inside for need in needs[step])",
        RARE,
    ),
    Mutation(
        "likelihood: what is nearly known is called exact",
        "engine/likelihood.py",
        "_ROUNDING = 1e-12",
        "_ROUNDING = 1e-2",
        ("engine/test_bounds", "engine/test_likelihood"),
    ),
    # ------------------------------------------------------------ paths
    Mutation(
        "derivations: the dearest need instead of the sum",
        "engine/derivations.py",
        "self.costs[user] + sum([price[need] for need in self.needs[user]])",
        "self.costs[user] + max([price[need] for need in self.needs[user]])",
        PATHS,
    ),
    Mutation(
        "derivations: what else is needed is counted with the need itself",
        "engine/derivations.py",
        "outside[need] = bound - price[need]",
        "outside[need] = bound",
        PATHS,
    ),
    Mutation(
        "derivations: the first steps that are looked at are all there are",
        "engine/derivations.py",
        "radius = order[size][0] if size < len(order) else math.inf",
        "radius = math.inf",
        PATHS,
    ),
    Mutation(
        "derivations: a control is dear although it covers in part",
        "engine/derivations.py",
        "controls[cover.control].holds * cover.coverage",
        "controls[cover.control].holds",
        PATHS,
    ),
    Mutation(
        "derivations: a subproblem is said to cost more than it may, by its fixed steps",
        "engine/derivations.py",
        "total += count * (self.through(step, least) - least[fact])",
        "total += count * self.costs[step]",
        PATHS,
    ),
    Mutation(
        "derivations: a subproblem is said to cost more than it may, by what is needed twice",
        "engine/derivations.py",
        "times[need] = times.get(need, 0) + count",
        "times[need] = times.get(need, 0) + 2 * count",
        PATHS,
    ),
    Mutation(
        "paths: as many as are asked for are enough although something is shared",
        "engine/paths.py",
        "not self._trivial and _nothing_shared(graph)",
        "not self._trivial",
        PATHS,
    ),
    Mutation(
        "paths: a shared control counts at every hop",
        "engine/paths.py",
        "if control.independent:",
        "if control:",
        PATHS,
    ),
    # ------------------------------------------------------------ plans
    Mutation(
        "programs: an AND step waits for one of its needs only",
        "planning/programs.py",
        "tuple(column[need] for need in sorted(needs)),",
        "tuple(column[need] for need in sorted(needs)[:1]),",
        PLANS,
    ),
    Mutation(
        "solvers: all that must not be counts in HiGHS (m instead of m - 1)",
        "planning/solvers.py",
        "1.0 - len(unless) for",
        "0.0 - len(unless) for",
        PLANS,
    ),
    Mutation(
        "solvers: cents are cut off",
        "planning/solvers.py",
        "scale = 10 ** max(decimals, 0)",
        "scale = 1",
        PLANS,
    ),
    Mutation(
        "programs: partial coverage breaks a step",
        "planning/programs.py",
        "if cover.coverage == 1.0 and cover.control in able",
        "if cover.coverage > 0.0 and cover.control in able",
        PLANS,
    ),
    Mutation(
        "programs: what stands already is forgotten",
        "planning/programs.py",
        "graph = without_broken(front.graph, given)",
        "graph = front.graph",
        PLANS,
    ),
    Mutation(
        "programs: what costs nothing is kept although it does nothing",
        "planning/programs.py",
        "while spare := droppable(fronts, choices, given, chosen):",
        "while spare := droppable(fronts, choices, given, chosen)[1:]:",
        PLANS,
    ),
    Mutation(
        "budgets: a branch is bounded by what it has, not by what it may still have",
        "planning/budgets.py",
        "heapq.heappush(queue, (self._known[child.all], made, child))",
        "heapq.heappush(queue, (self._known[child.inside], made, child))",
        PLANS,
    ),
    # ------------------------------------------------------------ the credit of controls
    Mutation(
        "credit: a control covers what it does not mitigate",
        "binding/credit.py",
        'if threat not in self.catalogue.controls[control.control or ""].mitigates:',
        "if False:",
        CREDIT,
    ),
    Mutation(
        "credit: the types that a control applies to are forgotten",
        "binding/credit.py",
        "if not self.catalogue.is_any(self.elements[element], applies):",
        "if False:",
        CREDIT,
    ),
    Mutation(
        "credit: against every threat a control works wherever it applies",
        "binding/credit.py",
        "kind.applies_to if threat is None else kind.applies_against(threat)",
        "kind.applies_to",
        CREDIT,
    ),
    Mutation(
        "credit: a zone protects nothing inside it",
        "binding/credit.py",
        "(EVERYWHERE, element, *self.zones_of[element]))",
        "(EVERYWHERE, element))",
        CREDIT,
    ),
    Mutation(
        "credit: any end will do, wherever the threat is defended",
        "binding/credit.py",
        "for name in binding.pattern.defended_on:",
        "for name in binding.ends:",
        CREDIT,
    ),
    Mutation("credit: one of several flows is enough", "binding/credit.py", "bool(flows) and all(", "any(", CREDIT),
    Mutation(
        "credit: what mediates a flow is forgotten",
        "binding/credit.py",
        "any(self.protects(control, one, threat) for one in flow.mediated_by)",
        "False",
        CREDIT,
    ),
    Mutation(
        "credit: steps over flows are not looked for where a flow is named",
        "binding/credit.py",
        "        yield from binding.origins\n",
        "",
        CREDIT,
    ),
    Mutation(
        "credit: one witness of a part that must only exist is enough",
        "binding/credit.py",
        "if ends and all(self.protects(control, one) for one in ends):",
        "if any(self.protects(control, one) for one in ends):",
        BODIES,
    ),
    Mutation(
        "credit: the flows of every relation must be covered",
        "binding/credit.py",
        "return any(self._guards(control, way) for way in binding.ways)",
        "return self._guards(control, binding.origins)",
        BODIES,
    ),
    # ------------------------------------------------------------ rules with several relations
    Mutation(
        "bodies: a part that must only exist makes steps of its own",
        "knowledge/bodies.py",
        "each=bool(one.needs) or (one.name in named and one.name not in any_of)",
        "each=True",
        BODIES,
    ),
    Mutation(
        "bodies: a relation that a part must not have is forgotten",
        "binding/bodies.py",
        "            if absence.target is None:",
        "            if False:",
        BODIES,
    ),
    Mutation(
        "bodies: a relation that two parts must not have is forgotten",
        "binding/bodies.py",
        "and self.elements.has(one, given[one.origin], given[target])",
        "and False",
        BODIES,
    ),
    Mutation(
        "bodies: zones of unknown trust are taken for outside",
        "binding/bodies.py",
        "elements.trust.get(one, below) < below",
        "elements.trust.get(one, 0) < below",
        BODIES,
    ),
    Mutation(
        "bodies: parts that are said to be others may be one",
        "binding/bodies.py",
        "and given[one] == given[two]",
        "and False",
        BODIES,
    ),
    Mutation(
        "bodies: a circle is taken for a tree",
        "binding/bodies.py",
        "self.tree = len(self.inner) == len(names) - 1 and not any(ends <= {*names} for ends in mine)",
        "self.tree = True",
        BODIES,
    ),
    Mutation(
        "bodies: what is known of one assignment is used for others",
        "binding/bodies.py",
        "key = tuple(given[name] for name in self.touched)",
        "key = tuple(given[name] for name in self.touched[:1])",
        BODIES,
    ),
    Mutation(
        "attack graph: rules for some kinds of actors work for all",
        "binding/attackgraph.py",
        "if not binding.pattern.works_for(actor.kind):",
        "if False:",
        BODIES,
    ),
    Mutation(
        "relations: into a zone of less trust nothing is sent out",
        "binding/relations.py",
        "return trust == 0 or (around is not None and trust < around)",
        "return trust == 0",
        BODIES,
    ),
    Mutation(
        "compiled: a retired control still prevents",
        "binding/compiled.py",
        "if one.control is not None and one.status is not Status.RETIRED]",
        "if one.control is not None]",
        CREDIT,
    ),
    Mutation(
        "places: a control works wherever its threats are, and not where they are defended",
        "knowledge/lint.py",
        'found = self.subjects(pattern) if "asset" in pattern.defended_on else frozenset[str]()',
        'found = self.concrete(["Asset"])',
        ("knowledge/test_lint",),
    ),
    Mutation(
        "places: check forgets what mediates a flow",
        "model/checks.py",
        "kind.mitigates and id_ not in mediators and asset.type",
        "kind.mitigates and asset.type",
        ("model/test_places",),
    ),
    Mutation(
        "strength: every threat meets the greatest one",
        "knowledge/vocabulary.py",
        "return self.strength_against(threat).of(skill).mean / most if most > 0 else 1.0",
        "return 1.0",
        STRENGTH,
    ),
    Mutation(
        "strength: the skill of the actor is forgotten",
        "knowledge/vocabulary.py",
        "return own if own is not None else self.skilled",
        "return self.skilled",
        STRENGTH,
    ),
    Mutation(
        "strength: a stated one holds against every skill alike",
        "binding/compiled.py",
        "control.strength.scaled(usual.mean / skilled).at_most(1.0)",
        "control.strength",
        STRENGTH,
    ),
    Mutation(
        "strength: a step is met with the general strength",
        "binding/attackgraph.py",
        "(float(ratio > 0) if whole else ratio)",
        "1.0",
        STRENGTH,
    ),
    Mutation(
        "strength: a measure is judged as if it stopped every step that it covers",
        "assessment/measures.py",
        "control.coverage * compiled.ratio(control, compiled.binding_by_id[step].pattern.id, skill)",
        "1.0",
        STRENGTH,
    ),
)
