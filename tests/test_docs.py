"""The documentation: everything is named in it, and its examples run."""

from __future__ import annotations

import inspect
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import graphmodel
import graphmodel.engine
from graphmodel.binding.attackgraph import attack_graph
from graphmodel.binding.bodies import MAX_STEPS
from graphmodel.binding.compiled import compile_system
from graphmodel.binding.updating import prior
from graphmodel.cli.main import main
from graphmodel.exporters.registry import EXPORTERS
from graphmodel.knowledge.bodies import MAX_LINKS, MAX_PARTS
from graphmodel.knowledge.ontology import catalogue_findings, load_catalogue
from graphmodel.knowledge.settings import load_settings
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.schema import document_schema
from graphmodel.outputs.text.catalogue import catalogue_markdown
from graphmodel.reading.yaml_text import read_yaml
from graphmodel.stores.graph import SCHEMA
from graphmodel.stores.saved import SAVED
from importers.evidence.registry import READERS
from importers.evidence.table import load_table
from importers.registry import IMPORTERS
from tests.conftest import ROOT, read

DOCS = ROOT / "docs"


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text(name), re.DOTALL)


def test_every_command_and_option_is_documented() -> None:
    said = text("cli.md")
    for name, command in main.commands.items():
        assert f"`graphmodel {name}" in said, name
        for option in command.params:
            for flag in option.opts:
                if flag.startswith("--") and flag not in ("--help", "--json", "--force", "--output"):
                    assert f"`{flag}" in said, (name, flag)


def test_the_catalogue_page_is_what_the_program_prints(catalogue: Catalogue) -> None:
    assert text("catalogue.md").split("## What ships\n\n")[1].strip() == catalogue_markdown(catalogue).strip()


def test_every_importer_exporter_and_saved_query_is_named() -> None:
    for one in IMPORTERS:
        assert f"`{one.id}`" in text("importers.md")
    for exporter in EXPORTERS:
        assert f"`{exporter.id}`" in text("exporters.md")
    for query in SAVED:
        assert f"`{query.id}`" in text("queries.md")
    for label in SCHEMA.labels:
        assert f"`{label.name}`" in text("queries.md")


def test_every_field_of_a_document_is_documented(catalogue: Catalogue) -> None:
    said = text("model.md")
    properties = document_schema(catalogue)["properties"]
    for section, schema in properties.items():
        assert section in said
        inner = schema.get("additionalProperties") or schema.get("items") or {}
        for field in inner.get("properties", {}) if isinstance(inner, dict) else {}:
            assert f"`{field}`" in said or f"{field}:" in said, (section, field)


def test_the_documents_in_the_documentation_are_sound(catalogue: Catalogue) -> None:
    (document,) = blocks("model.md", "yaml")
    found = read(document, catalogue)
    assert found.system is not None
    assert [one for one in found.problems if one.level != "note"] == []
    own, otherwise, rule, _ = blocks("catalogue.md", "yaml")
    files = [("own.yaml", own.encode()), ("ours/figures.yaml", otherwise.encode()), ("rule.yaml", rule.encode())]
    known, problems = load_catalogue(files)
    assert problems == ()
    assert {one.entry for one in known.overridden} == {"account-takeover", "input-guardrail"}
    assert read_yaml(own.encode(), "own.yaml").problems == ()
    assert [one for one in catalogue_findings([("own.yaml", own.encode())]) if one.level != "note"] == []
    turtle, _ = blocks("catalogue.md", "turtle")
    prefixes = "".join(
        f"@prefix {name}: <{iri}> .\n"
        for name, iri in {
            "gm": "https://w3id.org/graphmodel#",
            "threat": "https://w3id.org/graphmodel/threat/",
            "my": "https://example.org/my/",
            "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        }.items()
    )
    threats = own.partition("controls:")[0].encode()
    again, problems = load_catalogue([("threats.yaml", threats), ("own.ttl", (prefixes + turtle).encode())])
    assert problems == ()
    assert again.controls["guards"] == load_catalogue([("own.yaml", own.encode())])[0].controls["guards"]


def test_the_page_on_evidence_shows_rows_and_entries_that_are_sound(catalogue: Catalogue) -> None:
    (document,) = blocks("model.md", "yaml")
    rows, entries = blocks("evidence.md", "yaml")
    assert load_table(catalogue, rows.encode(), "own.yaml")[1] == ()
    found = read(document + entries, catalogue)
    assert found.system is not None, found.problems
    compiled = compile_system(found.system, catalogue, load_settings()[0], today="2027-03-01")
    assert [(one.observation.id, one.uses) for one in compiled.measurements.weighed] == [
        ("image-scan", ("weakness",)),
        ("red-team-spring", ("chance",)),
    ]
    for reader in READERS:
        assert reader.id in text("evidence.md").lower()


def test_what_hangs_on_the_worth_of_a_prior_is_what_the_page_says() -> None:
    rows = re.findall(r"^\| (\d+) of (\d+) prompts \| (.+) \|$", text("method.md"), re.MULTILINE)
    assert len(rows) == 3
    for hits, attempts, said in rows:
        for worth, number in zip((4, 8, 16), said.split(" | "), strict=True):
            known = prior(0.48, worth, 10).after(int(hits), int(attempts))
            assert float(number) == pytest.approx(known.reached(10), abs=5e-4)
    rule = load_settings()[0].tests
    assert (rule.prior_prompts, rule.least_prompts, rule.most_errors, rule.valid_days, rule.shown) == (
        8, 10, 0.2, 180, 0.95,
    )  # fmt: skip
    assert tuple(rule.attempts.values()) == (1, 10, 100)


def test_the_rule_with_several_relations_is_the_step_that_the_page_says() -> None:
    _, _, rule, described = blocks("catalogue.md", "yaml")
    _, turtle = blocks("catalogue.md", "turtle")
    read_rules = [load_catalogue([(f"own.{end}", data.encode())]) for end, data in (("yaml", rule), ("ttl", turtle))]
    assert [problems for _, problems in read_rules] == [(), ()]
    patterns = [known.patterns["carried-out"] for known, _ in read_rules]
    assert patterns[0] == patterns[1]
    found = read(described, read_rules[0][0])
    assert found.system is not None, found.problems
    compiled = compile_system(found.system, read_rules[0][0], load_settings()[0])
    (step,) = [one for one in compiled.bindings if one.pattern.id == "carried-out"]
    assert f"`{step.id}`" in text("catalogue.md")
    assert step.ends["outside"] == ("partner", "web")
    graph = attack_graph(compiled, compiled.system.actor_by_id["sender"])
    assert step.id in graph.step_by_id
    for one in (f"{MAX_STEPS:,} steps", f"up to {MAX_PARTS} parts", f"up to {MAX_LINKS} relations"):
        assert one in text("catalogue.md")


def test_the_engine_is_used_as_its_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks("engine.md", "python")
    exec(code, {})
    first, second, third = capsys.readouterr().out.splitlines()
    assert [float(one) for one in first.split()] == pytest.approx([0.1052, 10_520, 15_780])
    assert "'talk', 'inject', 'call'" in second
    assert third == "('the agent',)"


def test_the_engine_page_names_what_the_engine_has() -> None:
    said = text("engine.md")
    places = re.findall(r"`([a-z_/]+)`", "".join(line for line in said.splitlines() if line.startswith("| ")))
    for place in places:
        path = ROOT / "graphmodel" / "engine" / place
        assert path.is_dir() or path.with_suffix(".py").exists(), place
    named = {Path(place).name for place in places}
    for folder in ("exact", "worlds"):
        modules = {path.stem for path in (ROOT / "graphmodel" / "engine" / folder).glob("*.py")} - {"__init__"}
        assert modules & named, folder


@pytest.mark.store
def test_python_is_used_as_its_page_says(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    (code,) = blocks("python.md", "python")
    exec(code, {})
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "[]"
    assert said[1].startswith("customer-records:read 0.19")
    assert "agent-framework" in said[-2]
    assert 0 < float(said[-1]) < 1


def test_what_python_gives_is_public_and_documented() -> None:
    names = [name for name in graphmodel.__all__ if name != "__version__"]
    assert 10 <= len(names) <= 14
    for name in names:
        function = getattr(graphmodel, name)
        assert callable(function)
        assert len(inspect.getdoc(function) or "") > 80, name
        assert f"| `{name}(" in text("python.md")
    assert dir(graphmodel) == sorted(graphmodel.__all__)
    with pytest.raises(AttributeError):
        graphmodel.nothing  # noqa: B018
    for name in graphmodel.engine.__all__:
        assert getattr(graphmodel.engine, name).__doc__, name


def test_nothing_is_loaded_before_it_is_asked_for() -> None:
    code = (
        "import graphmodel, graphmodel.engine, sys; "
        "print([m for m in ('numpy', 'networkx', 'neo4j') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.store
def test_the_example_of_a_store_runs(capsys: pytest.CaptureFixture[str]) -> None:
    from graphmodel.stores.projection import project
    from graphmodel.workspace import open_model

    graph = project(open_model(ROOT / "examples" / "support-assistant.yaml").assess())
    values: dict[str, object] = {"graph": graph}
    for code in blocks("queries.md", "python"):
        exec(code, values)
    assert values["table"].rows[0][0] == "inbound-mail"  # type: ignore[attr-defined]


def console_examples() -> Iterator[object]:
    for block in blocks("cli.md", "console"):
        for line in block.strip().splitlines():
            command = line.removeprefix("$ graphmodel ")
            yield pytest.param(
                command, marks=[pytest.mark.slow] if command.startswith(("importance ", "plan ")) else []
            )


@pytest.mark.parametrize("command", list(console_examples()))
def test_the_console_examples_run(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    command, _, file = command.partition(" < ")
    given = Path(file).read_bytes() if file else None
    result = CliRunner().invoke(main, shlex.split(command), input=given)
    assert result.exit_code == 0, result.output


def test_the_numbers_of_the_worked_example_are_those_of_the_program() -> None:
    result = CliRunner().invoke(
        main, ["paths", str(ROOT / "examples" / "support-assistant.yaml"), "--to", "customer-records:read"]
    )
    said, page = result.output, text("method.md")
    for number in ("likelihood 0.194", "0.114", "0.0444", "0.48", "0.24", "0.54", "0.883", "0.955", "0.828"):
        assert number in said
        assert number in page


def test_the_losses_of_the_worked_example_are_those_of_the_program() -> None:
    said = " ".join(
        CliRunner().invoke(main, ["loss", str(ROOT / "examples" / "support-assistant.yaml")]).output.split()
    )
    page = " ".join(text("method.md").split())
    for printed, written in (
        ("1.77 M EUR 540 k EUR – 3.67 M EUR", "0.54 to 3.67 million"),
        ("customer-records 1.32 M EUR 75 %", "75 % is the customer records"),
        ("visitor 1.73 M EUR 98 %", "98 % the visitor"),
        ("chance of any loss 0.85", "in 15 % of years nothing is lost"),
        ("value at risk 95% 6.56 M EUR", "one year in twenty costs more than 6.56 million"),
    ):
        assert printed in said, said
        assert written in page


def test_links_between_pages_lead_somewhere() -> None:
    for page in (ROOT / "README.md", *DOCS.glob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), (page.name, target)


def test_the_readme_has_exactly_two_commands() -> None:
    commands = re.findall(r"^    (\S.*)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert commands == ["make app", "make test"]


def test_the_project_says_nothing_about_where_it_was_written() -> None:
    words = [re.compile(rf"\b{word}\b", re.IGNORECASE) for word in ("farm-bench", "farm-studio", r"\.library")]
    for path in ROOT.rglob("*"):
        inside = not any(
            (part.startswith(".") and part != ".ci") or part in ("__pycache__", "build", "dist")
            for part in path.relative_to(ROOT).parts
        )
        if (
            inside
            and path.is_file()
            and path.suffix in (".py", ".md", ".ttl", ".yaml", ".toml", "")
            and path != Path(__file__)
        ):
            content = path.read_text(encoding="utf-8", errors="replace")
            assert not any(word.search(content) for word in words), path
