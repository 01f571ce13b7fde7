"""Whether the tests notice when the engine is wrong: ``python -m tests.mutations [WORD...]``.

Each mutation is one plausible mistake, made in a copy of the source tree; then the tests that should
notice are run there until the first one fails. Words choose the mutations whose names hold one of them.
The exit status is the number of survivors: mistakes that no test noticed, each of which asks for a test.
``test_mutations.py`` sees to it that every mutation still applies.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
COPIED = ("graphmodel", "importers", "ontology", "tests", "examples", "docs", "pyproject.toml", "README.md")
LIMIT = 600  # seconds; a mistake that makes a loop endless is noticed, too

EXACT = ("test_likelihood", "test_laws", "test_modules", "test_traps", "test_networks")
SIMULATED = ("test_agreement", "test_worlds", "test_likelihood", "test_laws", "test_traps")
BOUNDS = ("test_bounds", "test_laws")
RARE = ("test_rare", "test_agreement")
INTERVALS = ("test_intervals", "test_likelihood", "test_worlds", "test_losses")
PATHS = ("test_derivations", "test_paths", "test_traps")
PLANS = ("test_programs",)


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
        "chosen = np.flatnonzero(self._known.changed(thresholds))",
        "chosen = np.flatnonzero(self._known.changed(thresholds))[1:]",
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
        "worlds.py",
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
        "or met[cover.control] == 1 else shared",
        "or met[cover.control] >= 1 else shared",
        EXACT,
    ),
    Mutation(
        "events: an independent control is drawn once",
        "events.py",
        "folded if controls[cover.control].independent or met",
        "folded if met",
        EXACT,
    ),
    Mutation(
        "events: steps merge although they meet different controls",
        "events.py",
        "grouped[needs, step.gains, tuple(sorted(cover.control for cover in shared))]",
        "grouped[needs, step.gains, tuple(sorted(cover.control for cover in shared)[:1])]",
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
        "0.0 if member.step in blocked else graph.step_by_id[member.step].chance",
        "graph.step_by_id[member.step].chance",
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
        "{fact: self.manager.false() for fact in sorted(component.facts)}",
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
    Mutation(
        "frontier: a wave counts twice",
        "frontier.py",
        "ready &= ~before",
        "ready &= ready",
        ("test_frontier",),
    ),
    Mutation(
        "frontier: a control leaves before its last step",
        "frontier.py",
        'wanted = {("control", control) for step in steps for control, _ in self.covers[step]}',
        "wanted: set[tuple[str, int]] = set()",
        ("test_frontier",),
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
        "least = min((self.high[need] for need in self.needs[step]), default=1.0)",
        "least = float(np.prod([self.high[need] for need in self.needs[step]]))",
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
        "rest = found[step] - price[need]",
        "rest = found[step]",
        PATHS,
    ),
    Mutation(
        "derivations: the first steps that are looked at are all there are",
        "derivations.py",
        "radius = bounds[order[size]] if size < len(order) else math.inf",
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


def run(folder: Path, tests: tuple[str, ...]) -> tuple[bool, str]:
    """Whether these tests pass in a source tree, and the first that does not."""
    files = [f"tests/{name}.py" for name in tests]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-rfE", "-p", "no:cacheprovider", *files]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        return False, f"no end after {LIMIT} s"
    if done.returncode not in (0, 1, 2):
        raise RuntimeError(f"the tests did not run:\n{done.stdout}\n{done.stderr}")
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    return done.returncode == 0, found.group(1).removeprefix("tests/") if found else done.stdout[-300:]


def main(words: list[str]) -> int:
    chosen = [one for one in MUTATIONS if not words or any(word in one.name for word in words)]
    survivors = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in COPIED:
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, folder / part)
        passed, first = run(folder, tuple(sorted({test for one in chosen for test in one.tests})))
        if not passed:
            raise SystemExit(f"without any mutation {first} fails already")
        for one in chosen:
            path = folder / "graphmodel" / one.file
            text, times = path.read_text(), path.stat()
            path.write_text(one.applied(text))
            began = time.monotonic()
            passed, first = run(folder, one.tests)
            path.write_text(text)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            print(f"{'SURVIVED' if passed else 'caught  '}  {one.name}", end="", flush=True)
            print("" if passed else f"  <- {first}", f"({time.monotonic() - began:.0f} s)", flush=True)
            survivors += [one.name] if passed else []
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} mutations are caught")
    return len(survivors)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
