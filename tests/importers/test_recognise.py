"""Files that no importer reads are named for what they are, and never called bad YAML."""

from __future__ import annotations

import io
import json
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmodel.workspace import model_from_bytes
from importers.recognise import recognise
from importers.recognise_text import text_format
from tests.golden import samples

PYTM = "#!/usr/bin/env python3\nfrom pytm import TM, Actor\n\ntm = TM('x')\n"
K8S = "apiVersion: v1\nkind: Service\nmetadata: {name: x}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: y}\n"
MARKDOWN = "# Threat model\n\n- one: two\n- **three**\n\n| a | b |\n|---|---|\n"
CARD = "---\nlicense: mit\n---\n# A model\n\nIt does this: that.\n"


def packed(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


def as_json(**value: object) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("data", "label"),
    [
        (b"<!doctype html><html></html>", "an HTML page"),
        (b"\n\n<html lang=en>", "an HTML page"),
        (b"<svg xmlns='x'/>", "a picture (SVG)"),
        (b"<thing><a/></thing>", "an XML file"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "a picture (PNG)"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a picture (JPEG)"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a picture (WebP)"),
        (packed("[Content_Types].xml", "word/document.xml"), "a Word document"),
        (packed("visio/document.xml"), "a Visio drawing"),
        (packed("a.txt"), "a zip archive"),
        (b"\x80\x04\x95\x00\x00", "a Python pickle, such as the weights of a model"),
        (b"GGUF\x03\x00\x00\x00", "the weights of a model (GGUF)"),
        (b"import os\n\n\ndef main():\n    return {'a': 1}\n", "a Python program"),
        (b"sequenceDiagram\n  A->>B: hi\n", "a Mermaid diagram"),
        (MARKDOWN.encode(), "a Markdown text"),
        (CARD.encode(), "a Markdown text"),
        (b"# x\n\n```mermaid\ngantt\n```\n", "a Markdown text with a Mermaid diagram"),
        (b'threatmodel "x" {\n}\n', "a threatcl model (HCL)"),
        (b"openapi: 3.1.0\ninfo: {title: x}\n", "an OpenAPI description"),
        (as_json(spdxVersion="SPDX-2.3"), "an SPDX 2 bill of materials"),
        (as_json(version="2.1.0", runs=[]), "a report of findings (SARIF)"),
        (as_json(swagger="2.0"), "an OpenAPI description"),
        (as_json(resources=[], terraform_version="1.9"), "a Terraform state as it is stored"),
        (as_json(nbformat=4, cells=[]), "a Jupyter notebook"),
        (b'{"a": 1}\n{"a": 2}\n', "a file of JSON lines"),
        (as_json(kind="AdaptiveDialog", beginDialog={}), "a topic of Copilot Studio"),
        (
            as_json(replicaCount=1, image={"repository": "a/b", "tag": "1"}),
            "a file of values for a Helm chart (give what “helm template” prints)",
        ),
        (b"name,kind,zone\na,b,c\nd,e,f\n", "a table (CSV)"),
        (b"FROM python:3.12\nRUN pip install x\n", "a Dockerfile"),
        (b"kind: AdaptiveDialog\nbeginDialog:\n  kind: OnUnknownIntent\n  x: @odd\n", "a topic of Copilot Studio"),
        (b"@prefix gm: <https://x#> .\ngm:a a gm:B .\n", "RDF in Turtle"),
        (b'[tool.x]\na = "b"\n', "a TOML or INI file"),
        (b"@startuml\nA -> B\n@enduml\n", "a PlantUML diagram"),
    ],
)
def test_each_is_named_in_the_refusal(data: bytes, label: str) -> None:
    model = model_from_bytes(data, "system.yaml")  # the name says nothing
    (problem,) = model.problems
    said = f"this is {label}"
    assert problem.message.startswith(said), problem
    assert "read" in problem.message
    assert "YAML" not in problem.message
    assert "Threagile" in problem.fix or "Threat Model Library" in problem.fix


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"hello: world",
        b"[1, 2]",
        b"# a comment\nkey: value\n",
        b"MZone: {trust: 1}",
        b"a: 1\n- b",
        b"PK: 1",
    ],
)
def test_what_shows_no_sign_of_anything_is_not_named(data: bytes) -> None:
    (problem,) = model_from_bytes(data, "x").problems
    assert "no format that is read" in problem.message or "not valid YAML" in problem.message


def test_a_broken_document_of_ours_is_told_where_it_is_broken() -> None:
    (problem,) = model_from_bytes(b"graphmodel: 1\nsystem: {id: x\nassets: {}\n", "x.yaml").problems
    assert "not valid YAML" in problem.message
    assert problem.line == 3
    (problem,) = model_from_bytes(b'{"graphmodel": 1,\n "system" {}}', "x.json").problems
    assert "not valid JSON" in problem.message
    assert problem.line == 2


def test_a_document_in_the_short_form_of_yaml_is_read() -> None:
    data = b"{graphmodel: 1, system: {id: x}, assets: {a: {type: Agent}}}"
    assert model_from_bytes(data, "x.yaml").usable


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_anything_is_named_or_not_and_never_an_exception(data: bytes) -> None:
    assert recognise(data) is None or recognise(data)


@pytest.mark.parametrize(
    "piece",
    ["<!--", "<?", "kind: a\n", "\n", " ", "](", "**", "|", "- ", '"servers": {', "FROM a\n", "[a]\n", "a = ", "---\n",
     "%%\n", "Type: ", "data \"", "#", "import a ", "graph ", "apiVersion: ", "```", "\t"],
)  # fmt: skip
def test_no_text_takes_long(piece: str) -> None:
    before = time.monotonic()
    for text in (piece * (100_000 // len(piece)), "<a " + piece * 20_000, "x" + piece * 20_000 + "y"):
        text_format(text)
        recognise(text.encode())
    assert time.monotonic() - before < 5


needs_samples = pytest.mark.skipif(not samples().is_dir(), reason="the sample files of other projects are not here")
NAMED = {
    "garak": "garak",
    "promptfoo": "promptfoo",
    "sarif": "SARIF",
    "trivy": "Trivy",
}  # fmt: skip


@needs_samples
@pytest.mark.parametrize("folder", NAMED)
def test_published_files_are_named(folder: str) -> None:
    words = NAMED[folder].split("|")
    files = sorted((samples() / folder).iterdir())
    assert files
    for file in files:
        problem = next(one for one in model_from_bytes(file.read_bytes(), "x").problems if one.level == "error")
        assert any(word in problem.message for word in words), (file.name, problem)


def test_the_labels_can_stand_in_a_sentence() -> None:
    from importers import recognise as of_bytes
    from importers import recognise_text, recognise_values

    labels = [label for _, label in (*of_bytes._MARKS, *of_bytes._INSIDE)] + list(of_bytes._ROOTS.values())
    labels += [label for label, _ in recognise_text._SIGNS] + [label for label, _ in recognise_values._FORMATS]
    assert all(label.split(" ")[0] in ("a", "an", "the", "RDF", "threat") for label in labels)


def test_readme_is_markdown() -> None:
    root = Path(__file__).parents[2]
    assert text_format((root / "README.md").read_text(encoding="utf-8")) == "a Markdown text"
