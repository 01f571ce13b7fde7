"""graphmodel from Python: what the command line gives, as values. These names are those of ``graphmodel`` itself."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import networkx as nx

from graphmodel.assessment.explain import Explanation
from graphmodel.assessment.explain import explain as explain_asset
from graphmodel.assessment.gaps import Gaps, find_gaps
from graphmodel.assessment.importance import Importance, find_importance
from graphmodel.assessment.measures import Measure
from graphmodel.assessment.measures import fix_first as measures_first
from graphmodel.assessment.paths import AttackPaths, attack_paths
from graphmodel.assessment.results import Assessment
from graphmodel.binding.relations import Reach
from graphmodel.engine.likelihood import Options
from graphmodel.knowledge.vocabulary import View
from graphmodel.losses.report import LossReport, loss_report
from graphmodel.model.names import by_id_or_name
from graphmodel.planning.options import Ask
from graphmodel.planning.plan import Plan, Planner
from graphmodel.reading.problems import Problem
from graphmodel.stores.opening import EMBEDDED, open_store
from graphmodel.stores.projection import project
from graphmodel.stores.session import Table
from graphmodel.workspace import Model, open_model


def open(file: str | PathLike[str]) -> Model:
    """Open a System document, or a file of any format that is imported.

    Never raises for what a file holds: ``problems`` of the model say what is wrong, and ``system`` is
    None where that makes it unusable.
    """
    return open_model(Path(file))


def check(model: Model) -> tuple[Problem, ...]:
    """What is wrong or odd in a model: each problem has a ``level`` (error, warning or note), a ``message``,
    a ``fix``, and its place as ``file``, ``line`` and ``path``."""
    return model.problems


def assess(
    model: Model, *, reach: str = "data", seed: int = 1, worlds: int = 100_000, today: str | None = None
) -> Assessment:
    """Likelihood and loss of every asset, for every actor, without controls, as things stand, and as planned.

    ``reach`` is ``data``, where attackers get along a flow as the data go, or ``both``. What cannot be worked
    out exactly is simulated with ``seed`` and so many ``worlds``, and has an interval. ``today`` (an ISO date)
    is what evidence of controls expires against; without it, the date here.

    Likelihoods are from 0 to 1 for each campaign (one determined attempt of one actor), amounts in the
    ``currency`` of the system. Raises ``ValueError`` where the model has errors or ``reach`` is no policy.
    """
    date = datetime.datetime.now().astimezone().date().isoformat() if today is None else today
    if not model.usable:
        raise ValueError("\n".join(str(one) for one in model.problems if one.level == "error"))
    return model.assess(Reach(reach), Options(seed=seed, worlds=worlds), date)


def paths(
    assessment: Assessment, to: str | None = None, *, by: str | None = None, k: int = 3, view: str = "residual"
) -> AttackPaths:
    """The k most probable attack paths to a target, and the choke points that they share.

    ``to`` is an asset by id or name, a fact such as ``crm:read``, or ``tag:NAME``; without it, everything with a
    loss. ``by`` is an actor; without it, each target's worst. ``view`` is inherent, residual or target. The
    ``chance`` of a path, from 0 to 1, is that of all its steps succeeding; paths overlap, and do not add up.

    Raises ``KeyError`` for a target or actor that the model does not have, ``ValueError`` for another view.
    """
    return attack_paths(assessment, to, _actor(assessment, by), k, View(view))


def explain(assessment: Assessment, asset: str) -> Explanation:
    """Where the numbers of an asset come from: each way to each of its facts, with the reason for its chance.

    Raises ``KeyError`` for an asset that the model does not have.
    """
    return explain_asset(assessment, asset)


def gaps(assessment: Assessment) -> Gaps:
    """Threats without an implemented control, controls without effect or evidence, and open flows.

    ``saves`` is in currency per ``assessment.period``: a year where any actor has a rate, else a campaign.
    """
    return find_gaps(assessment)


def fix_first(assessment: Assessment) -> tuple[Measure, ...]:
    """The measures that save most, each alone: planned and proposed ones, and those of the catalogue.

    ``saves`` is in currency per ``assessment.period``; two measures against the same attack do not add up.
    """
    return measures_first(assessment)


def plan(assessment: Assessment, budget: float | None = None, *, only_model: bool = False) -> Plan:
    """The best set of measures for a budget (in currency a year), its order, and the frontier of cost against loss.

    Without a budget, the set with the least sum of yearly cost and yearly loss. ``best`` is None where what is
    decided costs more than the budget. ``only_model`` leaves the measures of the catalogue out.

    Raises ``graphmodel.planning.options.PlanError`` where what is decided cannot be.
    """
    return Planner(assessment, Ask(only_model=only_model)).plan(budget)


def loss(
    assessment: Assessment, view: str = "residual", *, years: int = 100_000, draws: int | None = None
) -> LossReport:
    """The distribution of a campaign's and a year's loss, what it consists of, and what uncertain inputs do to it.

    ``years`` are simulated, ``draws`` are taken of the inputs that are ranges (None: as many as help; 0: none).
    Amounts are in currency. Raises ``graphmodel.losses.year.TooManyCampaignsError`` where there are too many
    campaigns a year to simulate, ``ValueError`` for too few years or draws.
    """
    return loss_report(assessment, View(view), years, draws)


def importance(assessment: Assessment, by: str | None = None) -> Importance:
    """How much hangs on each step, control, flow, entry and asset (Birnbaum importance), and every blast radius.

    Amounts are in currency per ``assessment.period``, or a campaign of the actor ``by``. Raises ``KeyError`` for
    an actor that the model does not have.
    """
    return find_importance(assessment, _actor(assessment, by))


def query(
    assessment: Assessment,
    cypher: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    store: str = EMBEDDED,
    timeout: float = 10.0,
    rows: int = 1000,
) -> Table:
    """The answer to a read-only Cypher query over the model and its results, as ``columns`` and ``rows``.

    ``store`` is the embedded one, or an address such as ``neo4j://user:password@host:7687/database``. A query
    ends after ``timeout`` seconds and so many ``rows``. Raises ``graphmodel.stores.errors.QueryError`` for a query
    that is wrong, refused or too long, and ``StoreError`` where the store cannot be had.
    """
    with open_store(store) as opened:
        opened.load(project(assessment))
        return opened.query(cypher, dict(parameters or {}), timeout=timeout, max_rows=rows)


def to_networkx(of: Model | Assessment) -> nx.MultiDiGraph[str]:
    """A system as a directed multigraph: zones, assets and actors; flows and dependencies by ``relation``.

    Of an assessment, assets have their results as well: ``likelihood`` from 0 to 1 as things stand, with
    ``low`` and ``high``; ``band``; ``fact`` and ``actor``, how and to whom it falls; ``expected_loss`` in currency
    of a campaign; ``risk``. Raises ``ValueError`` for a model that has errors.
    """
    if isinstance(of, Model):
        if of.system is None:
            raise ValueError(f"{of.name} has errors; see its problems.")
        return of.system.to_networkx()
    graph = of.compiled.system.to_networkx()
    for one in of.assets:
        now = one.likelihood[View.RESIDUAL]
        graph.nodes[one.asset.id].update(
            likelihood=now.value,
            low=now.low,
            high=now.high,
            band=one.band,
            fact=one.fact,
            actor=one.actor,
            expected_loss=one.expected[View.RESIDUAL].value,
            risk=one.risk,
        )
    return graph


def _actor(assessment: Assessment, by: str | None) -> str | None:
    return None if by is None else by_id_or_name(by, assessment.compiled.system.actors, "actor")
