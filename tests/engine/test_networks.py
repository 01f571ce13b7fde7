"""Reliabilities of networks that are in the literature, or follow from a closed form that is.

An undirected link is one draw for both directions. The format says that in two ways, and both are tried: as a
control that stops both steps while it holds, and as a fact that both steps need. Terminals beyond two are an AND.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import networkx as nx
import pytest

from graphmodel.engine.estimates import EXACT
from graphmodel.engine.graph import AttackGraph, Cover, GraphControl, Step
from graphmodel.engine.likelihood import Options, Solver
from tests.statistics import Count, least_likely
from tests.thorough import quick_first

WORLDS = 40_000


def links_as_controls(network: nx.Graph[Hashable], works: float, terminals: Sequence[Hashable]) -> AttackGraph:
    place = {node: f"v{number:03}" for number, node in enumerate(network)}
    controls, steps = [], []
    for number, (one, other) in enumerate(network.edges()):
        controls.append(GraphControl(f"broken{number:03}", 1 - works))
        cover = (Cover(controls[-1].id),)
        steps.append(Step(f"on{number:03}", (place[one],), place[other], 1.0, cover))
        steps.append(Step(f"back{number:03}", (place[other],), place[one], 1.0, cover))
    steps.append(Step("all", tuple(place[node] for node in terminals[1:]), "joined", 1.0))
    return AttackGraph(
        (*place.values(), "joined"), (place[terminals[0]],), tuple(steps), tuple(controls), {"joined": 1.0}
    )


def links_as_facts(network: nx.Graph[Hashable], works: float, terminals: Sequence[Hashable]) -> AttackGraph:
    place = {node: f"v{number:03}" for number, node in enumerate(network)}
    facts, steps = list(place.values()), []
    for number, (one, other) in enumerate(network.edges()):
        link = f"link{number:03}"
        facts.append(link)
        steps.append(Step(f"works{number:03}", (), link, works))
        steps.append(Step(f"on{number:03}", (place[one], link), place[other], 1.0))
        steps.append(Step(f"back{number:03}", (place[other], link), place[one], 1.0))
    steps.append(Step("all", tuple(place[node] for node in terminals[1:]), "joined", 1.0))
    return AttackGraph((*facts, "joined"), (place[terminals[0]],), tuple(steps), (), {"joined": 1.0})


@dataclass(frozen=True)
class Published:
    """A network with the chance that its terminals are joined, and how far off the printed digits may be."""

    name: str
    network: nx.Graph[Hashable]
    terminals: Sequence[Hashable]
    works: float
    joined: float
    off: float


def grid(rows: int, columns: int) -> nx.Graph[Hashable]:
    found: nx.Graph[Hashable] = nx.grid_2d_graph(rows, columns)
    return found


def corners(rows: int, columns: int) -> Sequence[Hashable]:
    return ((0, 0), (rows - 1, columns - 1))


def every(rows: int, columns: int) -> Sequence[Hashable]:
    return [(row, column) for row in range(rows) for column in range(columns)]


def farthest(network: nx.Graph[Hashable]) -> Sequence[Hashable]:
    away = nx.single_source_shortest_path_length(network, 0)
    return (0, max(away, key=lambda node: away[node]))


# Yeh, Lu and Kuo, "OBDD-based evaluation of k-terminal network reliability", IEEE Trans. Reliability 51 (2002), fig. 9,
# number 5, with nodes a to t.
YEH_5 = "ar ab as bc bd ce ef df dm cl eg fh li ln gi gj hj hk km ip jo kq op oq mt nr pr qs ts rs"

# At 0.9 a link, with the digits that the tests of the program kterminalsurvsigs give (ComputeBDDAlgorithmTests.cs in
# github.com/sean-reed/kterminalsurvsigs), which name as their sources Hardy, Lucet and Limnios, "K-terminal network
# reliability measures with binary decision diagrams", IEEE Trans. Reliability 56 (2007), the networks of Yeh et al.,
# and for the bridge figure 1 of Herrmann and Soh (2011), whose own digits they correct to those of the closed form.
HARDY = (
    Published("bridge", nx.Graph([(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)]), (0, 3), 0.9, 0.97848, 5e-6),
    Published("Yeh 8", nx.circular_ladder_graph(8), (0, 4), 0.9, 0.99555, 5e-6),
    Published(
        "Yeh 5, nine terminals", nx.Graph([tuple(one) for one in YEH_5.split()]), "aghijkopq", 0.9, 0.98909, 5e-6
    ),
    # Cut off after five digits, not rounded: a program of ours that keeps partitions says 0.975557 as well.
    Published("grid 5x5", grid(5, 5), corners(5, 5), 0.9, 0.97555, 1e-5),
    Published("grid 5x5, all", grid(5, 5), every(5, 5), 0.9, 0.93981, 5e-6),
    Published("grid 5x5, twelve", grid(5, 5), [*every(2, 5), (2, 0), (4, 4)], 0.9, 0.95743, 5e-6),
    Published("grid 6x6", grid(6, 6), corners(6, 6), 0.9, 0.975644995, 5e-10),
    Published("grid 2x100", grid(2, 100), corners(2, 100), 0.9, 0.30429, 5e-6),
    Published("grid 2x100, all", grid(2, 100), every(2, 100), 0.9, 0.25107, 5e-6),
    Published(
        "grid 3x10, fifteen",
        grid(3, 10),
        [*((0, n) for n in range(8)), *((1, n) for n in range(6)), (2, 9)],
        0.9,
        0.95493,
        5e-6,
    ),
)

# How many subgraphs with so many links join the terminals, by exhaustive search: the results that lie beside the
# program networkReliability of R. Shah (github.com/rohan-shah/networkReliability, Tests/Exhaustive: GridGraph3_0_8,
# GridGraph4_0_15, CompleteGraph6_2 to CompleteGraph8_2 and DodecahedronReordered019).
SUBGRAPHS: dict[str, tuple[nx.Graph[Hashable], Sequence[Hashable], tuple[int, ...]]] = {
    "grid 3x3": (grid(3, 3), corners(3, 3), (0, 0, 0, 0, 6, 48, 166, 312, 334, 192, 64, 12, 1)),
    "grid 4x4": (
        grid(4, 4),
        corners(4, 4),
        (
            0, 0, 0, 0, 0, 0, 20, 360, 3066, 16332, 60670, 165956, 344033, 547944, 672928, 635632, 460680, 258144,
            112742, 38392, 10071, 1976, 274, 24, 1,
        ),
    ),
    "complete 6": (
        nx.complete_graph(6),
        (0, 1),
        (0, 1, 18, 151, 754, 2349, 4532, 6187, 6345, 4985, 3001, 1365, 455, 105, 15, 1),
    ),
    "complete 7": (
        nx.complete_graph(7),
        (0, 1),
        (
            0, 1, 25, 300, 2255, 11525, 40754, 100780, 189285, 283460, 346611, 349976, 293020, 203280, 116250, 54262,
            20349, 5985, 1330, 210, 21, 1,
        ),
    ),
    "complete 8": (
        nx.complete_graph(8),
        (0, 1),
        (
            0, 1, 33, 531, 5490, 40215, 216335, 863175, 2597280, 6226055, 12351771, 20731599, 29817560, 37029795,
            39882795, 37333453, 30381045, 21462210, 13120450, 6906480, 3108063, 1184038, 376740, 98280, 20475, 3276,
            378, 28, 1,
        ),
    ),
    "dodecahedron": (
        nx.dodecahedral_graph(),
        farthest(nx.dodecahedral_graph()),
        (
            0, 0, 0, 0, 0, 6, 162, 2094, 17238, 101442, 454071, 1605720, 4597725, 10833306, 21217914, 34721924,
            47506734, 54147186, 51033218, 39423228, 24853473, 12875830, 5531394, 1977348, 585436, 141630, 27345, 4058,
            435, 30, 1,
        ),
    ),
}  # fmt: skip


def of_subgraphs(counts: Sequence[int], works: float) -> float:
    links = len(counts) - 1
    return math.fsum(count * works**n * (1 - works) ** (links - n) for n, count in enumerate(counts))


def gilbert(nodes: int, works: float) -> tuple[float, float]:
    """Whether all of a complete graph hangs together, and whether two given nodes do.

    The recurrences of Gilbert, "Random graphs", Annals of Mathematical Statistics 30 (1959), section 2: the part
    that node 1 belongs to has k nodes, all joined, and no link leaves it.
    """
    joined = [0.0, 1.0]
    for size in range(2, nodes + 1):
        apart = (math.comb(size - 1, k - 1) * joined[k] * (1 - works) ** (k * (size - k)) for k in range(1, size))
        joined.append(1 - math.fsum(apart))
    without = (math.comb(nodes - 2, k - 1) * joined[k] * (1 - works) ** (k * (nodes - k)) for k in range(1, nodes))
    return joined[nodes], 1 - math.fsum(without)


def of_counts() -> list[Published]:
    return [
        Published(f"{name} at {works}", network, terminals, works, of_subgraphs(counts, works), 1e-12)
        for name, (network, terminals, counts) in SUBGRAPHS.items()
        for works in (0.1, 0.5, 0.9)
    ]


def of_closed_forms() -> list[Published]:
    found = []
    for works in (0.05, 0.3, 0.5, 0.8):
        bridge = 2 * works**2 + 2 * works**3 - 5 * works**4 + 2 * works**5
        found.append(Published(f"bridge at {works}", HARDY[0].network, (0, 3), works, bridge, 1e-12))
        for nodes in (4, 5, 6, 7):
            whole, pair = gilbert(nodes, works)
            network = nx.complete_graph(nodes)
            found.append(Published(f"complete {nodes} at {works}", network, (0, nodes - 1), works, pair, 1e-12))
            found.append(Published(f"complete {nodes}, all, at {works}", network, range(nodes), works, whole, 1e-12))
    return found


SMALL = [*HARDY[:2], *of_counts(), *of_closed_forms()]


@pytest.mark.parametrize("case", SMALL, ids=lambda case: case.name)
def test_small_published_networks_are_exact(case: Published) -> None:
    (solution,) = Solver(links_as_facts(case.network, case.works, case.terminals)).solve()
    assert solution.of("joined").method == EXACT
    assert solution.of("joined").value == pytest.approx(case.joined, abs=case.off)


@pytest.mark.parametrize("case", [one for one in SMALL if len(one.network.edges()) <= 12], ids=lambda case: case.name)
def test_a_link_is_one_draw_as_a_control_too(case: Published) -> None:
    (solution,) = Solver(links_as_controls(case.network, case.works, case.terminals)).solve()
    assert solution.of("joined").method == EXACT
    assert solution.of("joined").value == pytest.approx(case.joined, abs=case.off)


LONG = ("grid 6x6", "grid 2x100, all")  # seconds each


@pytest.mark.parametrize(
    "case",
    quick_first(len(HARDY) - 2 - len(LONG), sorted(HARDY[2:], key=lambda case: case.name in LONG)),
    ids=lambda case: case.name,
)
def test_large_published_networks_are_exact(case: Published) -> None:
    estimate = Solver(links_as_facts(case.network, case.works, case.terminals)).solve()[0].of("joined")
    assert estimate.method == EXACT
    assert estimate.value == pytest.approx(case.joined, abs=case.off)


@pytest.mark.parametrize("model", [links_as_controls, links_as_facts])
def test_simulated_networks_agree_with_what_is_published(
    model: Callable[[nx.Graph[Hashable], float, Sequence[Hashable]], AttackGraph],
) -> None:
    """Nothing but simulation; a false alarm has chance 0.0001, over all networks together.

    Printed digits are off by 0.000005 at most, a hundredth of the standard deviation here.
    """
    counts = []
    for seed, case in enumerate([*HARDY, *of_counts()]):
        solver = Solver(model(case.network, case.works, case.terminals), Options(nodes=0, worlds=WORLDS, seed=seed))
        estimate = solver.solve()[0].of("joined")
        counts.append(Count(round(estimate.value * WORLDS), WORLDS, case.joined))
    assert least_likely(counts) > 1e-4


def test_gilbert_counts_what_exhaustive_search_counts() -> None:
    """Two sources that know nothing of each other."""
    for nodes in (6, 7, 8):
        for works in (0.1, 0.5, 0.9):
            pair = of_subgraphs(SUBGRAPHS[f"complete {nodes}"][2], works)
            assert gilbert(nodes, works)[1] == pytest.approx(pair, abs=1e-12)
