"""Losses of a year: ours, where each campaign happens or not and costs what it costs, beside pyfair's product."""

from __future__ import annotations

from benchmarks.harness import Timing, child, repeat
from benchmarks.model import Scale, Section, Table
from graphmodel.assessment.assess import assess
from graphmodel.binding.compiled import compile_system
from graphmodel.engine.likelihood import Options
from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.settings import load_settings
from graphmodel.knowledge.vocabulary import ActorKind, Capability, Range, View
from graphmodel.losses.year import loss_distributions
from graphmodel.model.system import Actor, Asset, Held, Loss, System

RATE, LOW, MODE, HIGH = 2.0, 50_000.0, 250_000.0, 1_500_000.0
MEAN = RATE * (LOW + 4 * MODE + HIGH) / 6


def ours(years: int) -> tuple[Timing, float, float, float]:
    """Seconds, mean, value at risk at 95 % and half the interval of the mean's sampling error."""
    held = Held("records", Capability.READ)
    actor = Actor("insider", "Insider", ActorKind.INSIDER, starts=(held,), attempts_per_year=Range.point(RATE))
    system = System(
        "one",
        "One",
        assets=(Asset("records", "Records", "BusinessData"),),
        actors=(actor,),
        losses=(Loss(held, None, Range(LOW, MODE, HIGH)),),
    )
    catalogue, _ = load_catalogue()
    settings, _ = load_settings()
    assessment = assess(compile_system(system, catalogue, settings), Options(worlds=1_000))
    timing, found = repeat(lambda: loss_distributions(assessment, years=years)[View.RESIDUAL].year)
    return timing, found.mean, found.quantile(0.95).value, 2.576 * found.deviation / years**0.5


def pyfair(years: int) -> tuple[Timing, float, float, float]:
    """The same of a FAIR model with that frequency and magnitude."""
    from pyfair import FairModel

    def run():  # type: ignore[no-untyped-def]
        model = FairModel("one", n_simulations=years, random_seed=1)
        model.input_data("Loss Event Frequency", constant=RATE)
        model.input_data("Loss Magnitude", low=LOW, mode=MODE, high=HIGH)
        model.calculate_all()
        return model.export_results()["Risk"]

    timing, risk = repeat(run)
    return timing, float(risk.mean()), float(risk.quantile(0.95)), float(2.576 * risk.std() / years**0.5)


def section(scale: Scale) -> Section:
    """The table of losses."""
    years = 10_000 if scale.quick else 1_000_000
    rows = []
    for name, function in (("**ours**", ours), ("pyfair", pyfair)):
        found = child(function, years, limit=scale.limit)
        if found.value is None:
            rows.append((name, f"fails: {found.failure}", "–", "–", "–"))
            continue
        timing, mean, value_at_risk, margin = found.value
        inside = "inside" if abs(mean - MEAN) <= margin else "**OUTSIDE**"
        rows.append((name, str(timing), f"{mean:,.0f}", f"{inside} ±{margin:,.0f}", f"{value_at_risk:,.0f}"))
    about = (
        f"{years:,} years with {RATE:g} losses a year on average, each PERT({LOW:,.0f}, {MODE:,.0f}, {HIGH:,.0f}); "
        f"the mean is {MEAN:,.0f} by hand."
    )
    note = (
        "Only the mean can be compared: pyfair multiplies one draw of the magnitude by the rate, so it knows no year "
        "without a loss and no two different losses in a year, and its quantiles are those of another question."
    )
    columns = ("engine", "takes", "mean of a year", "against the mean by hand", "95 % quantile")
    return Section("Losses", __doc__ or "", (Table("Losses of a year", about, columns, tuple(rows), (note,)),))
