"""``graphmodel catalogue``: the asset types, threats and controls that models may use."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from graphmodel.cli.files import FILE, called
from graphmodel.cli.options import (
    fail,
    json_option,
    opened,
    print_json,
    show_problems,
)
from graphmodel.cli.terminal import put, say
from graphmodel.reading.problems import has_errors


@click.group(invoke_without_command=True)
@json_option
@click.option("--file", type=FILE, help="A model whose own catalogue is to be shown as well.")
@click.option("--markdown", is_flag=True, help="Print Markdown, as in docs/catalogue.md.")
@click.pass_context
def catalogue(context: click.Context, as_json: bool, file: Path | None, markdown: bool) -> None:
    """The asset types, threats and controls that models may use."""
    if context.invoked_subcommand is not None:
        return
    from graphmodel.knowledge.ontology import load_catalogue
    from graphmodel.outputs.catalogue import catalogue_json
    from graphmodel.outputs.text.catalogue import catalogue_markdown, catalogue_text

    known = opened(file).catalogue if file is not None else load_catalogue()[0]
    if as_json:
        print_json(catalogue_json(known))
    else:
        say(catalogue_markdown(known) if markdown else catalogue_text(known))


@catalogue.command()
@click.argument("words", nargs=-1, required=True)
@json_option
@click.option("--file", type=FILE, help="A model whose own catalogue is to be searched as well.")
@click.option("--top", type=click.IntRange(1, 1000), default=10, show_default=True, help="Entries at most.")
def search(words: tuple[str, ...], as_json: bool, file: Path | None, top: int) -> None:
    """Entries of the catalogue that WORDS may mean, the best first, each with why it was found."""
    from graphmodel.knowledge.ontology import load_catalogue
    from graphmodel.knowledge.search import search as search_catalogue
    from graphmodel.outputs.catalogue import search_json
    from graphmodel.outputs.text.catalogue import search_text

    asked = " ".join(words)
    known = opened(file).catalogue if file is not None else load_catalogue()[0]
    found = search_catalogue(asked, known, most=top)
    if as_json:
        print_json(search_json(asked, found))
    elif found:
        say(search_text(found))
    else:
        fail(f"nothing in the catalogue fits “{asked}”; try another word, or read `graphmodel catalogue`.")


@catalogue.command()
@click.argument("files", nargs=-1, type=FILE)
@json_option
def lint(files: tuple[Path, ...], as_json: bool) -> None:
    """What the catalogue says that cannot be so, and figures without a source; of catalogue FILES where they are given.

    Claims without effect, threats that cannot happen, ids that their edition does not have. Such findings are errors
    in the shipped catalogue and warnings in your own files. FILES that end in .sssom.tsv are sets of mappings: unknown,
    removed and renamed ids, labels that contradict them, pairs that stand one way, exact matches to two concepts.
    Without FILES, the shipped mappings, what the assessment framework names and the catalogue does not have, and
    mitigations of MITRE ATLAS that are neither followed nor refused, and items with neither a control nor a reason.
    """
    from graphmodel.knowledge.coverage import item_findings
    from graphmodel.knowledge.framework import framework_findings, load_framework
    from graphmodel.knowledge.mappings import ENDING, mapping_findings, read_mappings, shipped_mappings, vocabularies
    from graphmodel.knowledge.mitigations import edge_findings, published_edges
    from graphmodel.knowledge.ontology import catalogue_findings, load_catalogue
    from graphmodel.outputs.problems import problems_json
    from graphmodel.reading.files import read_bytes
    from graphmodel.reading.problems import Problem, UnreadableError, by_line

    try:
        given = [(called(file), read_bytes(file)) for file in files]
        sets = [one for one in given if one[0].endswith(ENDING)] if files else shipped_mappings()
        rows = [row for name, data in sets for row in read_mappings(name, data)]
    except UnreadableError as error:
        fail(str(error.problem))
    contents = [one for one in given if not one[0].endswith(ENDING)]
    known, problems = load_catalogue(contents)
    if not has_errors(problems) and (contents or not files):
        problems = by_line((*problems, *catalogue_findings(contents)))
    problems = (*problems, *mapping_findings(rows, vocabularies(known), "warning" if files else "error"))
    if not files:
        fix = "Name one that it has, or add it to the catalogue."
        unknown = framework_findings(load_framework(), known)
        problems = (*problems, *(Problem("error", f"{one}.", fix, file="framework") for one in unknown))
        missing = item_findings(load_framework())
        mend = "Name a control that is the whole of it, or say in “no-control.yaml” why there is none."
        problems = (*problems, *(Problem("error", f"{one}.", mend, file="framework") for one in missing))
        edges = edge_findings(known, published_edges())
        problems = (*problems, *(Problem("error", f"{one}.", mend, file="mitigations") for one, mend in edges))
    counts = {level: sum(one.level == level for one in problems) for level in ("error", "warning", "note")}
    if as_json:
        print_json({"files": [called(file) for file in files], **counts, "problems": problems_json(problems)})
    else:
        show_problems(problems, quiet_notes=False)
        say(", ".join(f"{count} {level}{'' if count == 1 else 's'}" for level, count in counts.items()))
    if counts["error"]:
        sys.exit(2)


@catalogue.command()
@json_option
@click.option("--file", type=FILE, help="A model whose own catalogue is to be looked at as well.")
def coverage(as_json: bool, file: Path | None) -> None:
    """Threats by asset type and by what they gain, and what of each outside vocabulary threats and controls cite.

    What nothing cites comes with the reason, and so do threats without a control, and mitigations of MITRE ATLAS that
    are not followed, and items of the assessment framework of which no control is the measure.
    """
    from graphmodel.knowledge.coverage import coverage as coverage_of
    from graphmodel.knowledge.framework import load_framework
    from graphmodel.knowledge.ontology import load_catalogue
    from graphmodel.outputs.coverage import coverage_json
    from graphmodel.outputs.text.coverage import coverage_text

    known = opened(file).catalogue if file is not None else load_catalogue()[0]
    found = coverage_of(known, load_framework())
    if as_json:
        print_json(coverage_json(found))
    else:
        say(coverage_text(found))


@catalogue.command()
@click.argument("vocabulary", type=click.Choice(["atlas"]))
@click.argument("file", type=FILE)
@json_option
@click.option("--system", type=FILE, help="A model whose losses may rest on it, or move.")
def load(vocabulary: str, file: Path, as_json: bool, system: Path | None) -> None:
    """What a newer release of a VOCABULARY (atlas) changes, as it is in FILE: new entries, which nothing cites yet, and
    threats and controls that cite what is gone, renamed or of another maturity.

    FILE is the YAML of MITRE ATLAS, in format 5 or 6, or its STIX bundle. Nothing is changed; ids stay pinned.
    """
    from graphmodel.assessment.resting import moved_risks, resting_on
    from graphmodel.knowledge.atlas import changes_of, matured, read_release
    from graphmodel.knowledge.ontology import load_catalogue
    from graphmodel.outputs.release import release_json
    from graphmodel.outputs.text.release import release_text
    from graphmodel.reading.files import read_bytes
    from graphmodel.reading.problems import UnreadableError

    try:
        release = read_release(read_bytes(file), called(file))
    except UnreadableError as error:
        fail(str(error.problem))
    model = opened(system) if system is not None else None
    changes = changes_of(release, model.catalogue if model is not None else load_catalogue()[0])
    now = model.assess() if model is not None else None
    resting = resting_on(now, changes.touched) if now is not None else None
    then = None
    if model is not None and changes.matured:
        then = replace(model, catalogue=matured(changes, model.catalogue)).assess()
    moved = moved_risks(now, then) if now is not None and then is not None else ()
    if as_json:
        print_json(release_json(changes, resting, moved))
    else:
        say(release_text(changes, resting, moved))


@catalogue.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "turtle", "sssom"]),
    default="csv",
    show_default=True,
    help="A table, a graph, or a set of mappings.",
)
@click.option("--file", type=FILE, help="A model whose own catalogue is to be told as well.")
def edges(form: str, file: Path | None) -> None:
    """What every technique needs on which part over which relation, what it gains, and which control stops it."""
    from graphmodel.knowledge.ontology import load_catalogue
    from graphmodel.outputs.edges import edges as edges_of
    from graphmodel.outputs.edges import edges_csv, edges_sssom, edges_turtle

    known = opened(file).catalogue if file is not None else load_catalogue()[0]
    if form == "sssom":
        put(edges_sssom(known), nl=False)
    else:
        put((edges_csv if form == "csv" else edges_turtle)(edges_of(known)), nl=False)


@catalogue.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
def pages(directory: Path) -> None:
    """Write a Markdown page for every shipped threat, control and asset type, with its neighbours, to DIRECTORY.

    The directory must be empty, or not be there.
    """
    from graphmodel.knowledge.framework import load_framework
    from graphmodel.knowledge.ontology import load_catalogue
    from graphmodel.knowledge.settings import load_settings
    from graphmodel.outputs.text.pages import catalogue_pages
    from graphmodel.reading.files import write_atomically

    written = catalogue_pages(load_catalogue()[0], load_framework(), load_settings()[0])
    try:
        if directory.exists() and any(directory.iterdir()):
            fail(f"{called(directory)} is not empty; name a directory that is, or that is not there.")
        for name, text in written.items():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            write_atomically(directory / name, text)
    except OSError as error:
        fail(f"{called(directory)} cannot be written: {error.strerror}.")
    say(f"{len(written)} pages; begin with {called(directory / 'index.md')}.")
