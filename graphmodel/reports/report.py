"""The report of an assessment for an audience: which parts it has, in which order, and what its numbers rest on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from graphmodel.outputs.assessment import assumptions
from graphmodel.outputs.posture import LEVELS_RULE, RULES, SEVERITY_RULE
from graphmodel.outputs.wording import UNMARKED
from graphmodel.reports import compliance, engineering, risks
from graphmodel.reports.document import Block, Bullets, Document, Heading, Logo, PageBreak, Paragraph, Small
from graphmodel.reports.results import Audience, Results
from graphmodel.reports.summary import summary
from graphmodel.reports.texts import short
from graphmodel.reports.trend import trend

_DATA_AREAS = ("MS-5.2", "MS-5.3", "MS-5.4")
_DATA_ATTACKS = ("extraction", "evasion", "inference", "inversion", "poisoning", "data-leakage")
_DATA_TYPES = ("DataAsset", "DataStore", "Model", "InferenceEndpoint", "DataPipeline", "TrainingPipeline")

Part = Callable[[Results], Iterator[Block]]


def _data_requirements(results: Results) -> Iterator[Block]:
    return compliance.requirements(results, _DATA_AREAS)


def _data_gaps(results: Results) -> Iterator[Block]:
    return risks.gaps(results, _DATA_AREAS, places=True)


def _data_attacks(results: Results) -> Iterator[Block]:
    return risks.attacks(results, _DATA_ATTACKS)


def _data_open(results: Results) -> Iterator[Block]:
    return engineering.open_steps(results, _DATA_TYPES)


def _gaps_with_places(results: Results) -> Iterator[Block]:
    return risks.gaps(results, places=True)


PARTS: Mapping[Audience, tuple[Part, ...]] = {
    Audience.EXECUTIVE: (summary,),
    Audience.CISO: (summary, risks.risks, trend, risks.attacks, risks.gaps, risks.plan, risks.accepted),
    Audience.ENGINEER: (
        engineering.system,
        engineering.paths,
        engineering.open_steps,
        engineering.implement,
        _gaps_with_places,
        compliance.findings,
    ),
    Audience.COMPLIANCE: (
        compliance.severity,
        compliance.requirements,
        risks.accepted,
        compliance.findings,
        compliance.standards,
    ),
    Audience.DATA_SCIENTIST: (_data_attacks, _data_open, _data_gaps, _data_requirements),
    Audience.AUDITOR: (
        summary,
        compliance.severity,
        risks.risks,
        trend,
        risks.attacks,
        engineering.system,
        engineering.paths,
        engineering.open_steps,
        engineering.implement,
        _gaps_with_places,
        risks.plan,
        compliance.requirements,
        risks.accepted,
        compliance.findings,
        compliance.standards,
    ),
}
"""What each audience reads, in order. What the numbers rest on closes every report."""

_TITLES = {
    Audience.EXECUTIVE: "Summary for executives",
    Audience.CISO: "Report for the head of security",
    Audience.ENGINEER: "Report for engineers",
    Audience.COMPLIANCE: "Report for compliance",
    Audience.DATA_SCIENTIST: "Report for data scientists",
    Audience.AUDITOR: "Full report",
}


@dataclass(frozen=True)
class Facts:
    """What a report says of itself. ``date`` is an ISO date, ``version`` that of the program, ``catalogue`` names what
    knowledge it used, ``source`` the file that was assessed."""

    date: str
    version: str
    catalogue: str
    source: str
    title: str = ""
    organisation: str = ""
    logo: Logo | None = None


def report(results: Results, facts: Facts) -> Document:
    """The document; the same results and facts give the same one."""
    posture = results.posture
    system = posture.assessment.compiled.system
    subtitle = _TITLES[results.audience]
    blocks: list[Block] = []
    parts = PARTS[results.audience]
    for before, part in zip((None, *parts), parts, strict=False):
        found = list(part(results))
        if found and (before is summary or part is compliance.standards):
            blocks.append(PageBreak())
        blocks += found
    executive = results.audience is Audience.EXECUTIVE
    blocks += _basis_in_short(results, facts) if executive else _basis(results, facts)
    return Document(
        title=short(facts.title or f"AI security assessment: {system.name}", 200),
        subtitle=subtitle,
        date=facts.date,
        about=(("System", short(f"{system.name} ({system.id})", 200)), ("Date", facts.date)),
        blocks=tuple(blocks),
        organisation=short(facts.organisation, 200),
        logo=facts.logo,
        producer=f"graphmodel {facts.version}",
        one_page=executive,
    )


_MOST_SAID = 2_500  # characters that a page has room for
_RESTS_ON = Heading(2, "What these numbers rest on")


def _made_from(results: Results, facts: Facts) -> str:
    framework = results.posture.framework
    return (
        f"Made on {facts.date} by graphmodel {facts.version} from {facts.source}, with {facts.catalogue}, and "
        f"{framework.title}, edition {framework.edition}. The framework has no formula: numbers are this program's own "
        "method, and so are bands."
    )


def _basis_in_short(results: Results, facts: Facts) -> Iterator[Block]:
    """What the numbers of one page rest on, without what is said of numbers that are not on it."""
    assessment = results.posture.assessment
    yield _RESTS_ON
    said = [_made_from(results, facts), *assumptions(assessment), SEVERITY_RULE, LEVELS_RULE]
    yield Small(short(" ".join(said), _MOST_SAID))


def _basis(results: Results, facts: Facts) -> Iterator[Block]:
    posture = results.posture
    yield _RESTS_ON
    yield Paragraph(_made_from(results, facts))
    yield Bullets((*assumptions(posture.assessment), *RULES))
    if posture.assessment.worlds:
        yield Paragraph(UNMARKED)
