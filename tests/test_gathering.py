"""Folders and archives: what is found, that nothing outside is read, and the import of a whole folder."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from graphmodel.cli.main import main
from graphmodel.gathering import beside_within, gather_archive, gather_folder
from graphmodel.knowledge.typing_table import load_typing
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.reading.problems import UnreadableError
from importers.folder import read_folder
from importers.source import Source

COMPOSE = """
services:
  web: {image: "ghcr.io/open-webui/open-webui:main", ports: ["8080:8080"], environment: {OLLAMA_BASE_URL: "http://llm:11434"}}
  llm: {image: "ollama/ollama:0.5"}
"""
MCP = (
    '{"mcpServers": {"files": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem", "/data"]}}}'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    (root / "deploy").mkdir(parents=True)
    (root / "node_modules").mkdir()
    (root / "deploy" / "docker-compose.yml").write_text(COMPOSE)
    (root / "deploy" / "docker-compose.override.yml").write_text("services: {web: {ports: !override []}}\n")
    (root / ".mcp.json").write_text(MCP)
    (root / "node_modules" / "mcp.json").write_text(MCP)
    (root / "notes.json").write_text('{"a": 1}')
    (root / "broken.yaml").write_text("a: [")
    (tmp_path / "secret.yaml").write_text(COMPOSE)
    (root / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (root / "away").symlink_to(tmp_path)
    return root


def test_candidates_of_a_folder(folder: Path) -> None:
    found = gather_folder(folder)
    assert [one.name for one in found.sources] == [
        ".mcp.json",
        "broken.yaml",
        "deploy/docker-compose.override.yml",
        "deploy/docker-compose.yml",
        "notes.json",
    ]
    assert not found.problems


def test_a_file_opens_others_within_the_folder_only(folder: Path) -> None:
    compose = next(one for one in gather_folder(folder).sources if one.name == "deploy/docker-compose.yml")
    assert compose.beside is not None
    assert compose.beside("../.mcp.json") == MCP.encode()
    for wanted in (
        "../../secret.yaml",
        "/etc/passwd",
        "../link.yaml",
        "../away/secret.yaml",
        "C:\\x",
        "..\\..\\secret.yaml",
        "no.yaml",
        "..",
        "\x00",
    ):
        with pytest.raises(UnreadableError):
            compose.beside(wanted)


def test_paths_are_confined_however_they_are_written() -> None:
    asked: list[str] = []

    def read(name: str) -> bytes:
        asked.append(name)
        return b""

    beside_within("a/b.yml", read)("../c/./d.yml")
    assert asked == ["c/d.yml"]
    with pytest.raises(UnreadableError):
        beside_within("a/b.yml", read)("../../c")


def archive(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return out.getvalue()


def test_candidates_of_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    bomb = b'{"a": "' + b" " * 10_000_000 + b'"}'
    path.write_bytes(
        archive({"d/mcp.json": MCP.encode(), "../out.json": b"{}", "bomb.json": bomb, "inner.zip": archive({})})
    )
    found = gather_archive(path, "x.zip")
    assert [one.name for one in found.sources] == ["d/mcp.json"]
    said = " ".join(str(one) for one in found.problems)
    assert "leads out of the archive" in said and "packed too tightly" in said
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as made:
        made.writestr("mcp.json", MCP)
    said = str(gather_archive(path, "x.zip").problems[0])
    assert "packed in a way that is not read" in said
    whole = bytearray(archive({"mcp.json": MCP.encode() * 50}))
    whole[60:70] = b"\xff" * 10  # the content, not the directory
    path.write_bytes(whole)
    damaged = gather_archive(path, "x.zip")
    assert not damaged.sources and "it is damaged" in str(damaged.problems[0])
    whole = bytearray(archive({"mcp.json": MCP.encode()}))
    for end in (whole[:-30], whole.replace(b"PK\x01\x02\x14\x03\x14", b"PK\x01\x02\x14\x03\x63")):  # of version 9.9
        path.write_bytes(end)
        with pytest.raises(UnreadableError):
            gather_archive(path, "x.zip")
    whole[6:8], whole[30:31] = b"\x00\x08", b"\xff"  # a name that is no UTF-8, at the content only
    path.write_bytes(whole)
    assert "it is damaged" in str(gather_archive(path, "x.zip").problems[0])
    path.write_bytes(archive({"mcp.json": MCP.encode(), "a.json": b"{}"}).replace(b"a.json", b"\0.json"))
    assert [one.name for one in gather_archive(path, "x.zip").sources] == ["mcp.json"]  # the other has no name
    with pytest.raises(UnreadableError, match="No such file"):
        gather_archive(tmp_path / "none.zip", "none.zip")


def test_no_more_of_an_archive_is_unpacked_than_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, opened, open_ = tmp_path / "x.zip", [], zipfile.ZipFile.open
    path.write_bytes(archive({f"{number}.json": MCP.encode() for number in range(9)}))
    monkeypatch.setattr("graphmodel.gathering.MOST_TOGETHER", 2 * len(MCP))
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *given: opened.append(1) or open_(*given))
    assert len(gather_archive(path, "x.zip").sources) == len(opened) == 3


def test_a_folder_becomes_one_system_with_what_only_a_person_can_say(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "system.yaml"
    done = CliRunner().invoke(main, ["import", str(folder), "-o", str(out), "--json"])
    assert done.exit_code == 0, done.stderr
    said = json.loads(done.stdout)
    assert [one["file"] for one in said["files"]] == [
        ".mcp.json",
        "deploy/docker-compose.yml with docker-compose.override.yml",
    ]
    assert said["questions"][0]["question"].startswith("What is at stake?")
    value = yaml.safe_load(out.read_text())
    assert {"web", "llm", "agent", "files"} <= set(value["assets"])
    assert value["assets"]["llm"]["type"] == "LanguageModelEndpoint"
    assert "internet" not in value.get("actors", {})  # the override opens no port
    assert CliRunner().invoke(main, ["check", str(out)]).exit_code == 0


def test_reading_again_keeps_what_people_did(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "system.yaml"
    assert CliRunner().invoke(main, ["import", str(folder), "-o", str(out)]).exit_code == 0
    value = yaml.safe_load(out.read_text())
    value["assets"]["llm"]["owner"] = "Ada"
    value["assets"]["mine"] = {"type": "Agent"}
    out.write_text("# of Ada\n" + yaml.safe_dump(value).replace("  mine:", "  # and this\n  mine:"))
    (folder / ".mcp.json").write_text(MCP.replace("files", "notes"))
    done = CliRunner().invoke(main, ["import", str(folder), "--into", str(out)])
    assert done.exit_code == 0, done.stderr
    assets = yaml.safe_load(out.read_text())["assets"]
    assert assets["llm"]["owner"] == "Ada" and "mine" in assets
    assert "notes" in assets and "files" not in assets
    assert out.read_text().startswith("# of Ada\n") and "  # and this\n  mine:" in out.read_text()
    assert "no longer in the files" in done.stderr
    (tmp_path / "system.imported.json").unlink()
    assert CliRunner().invoke(main, ["import", str(folder), "--into", str(out)]).exit_code == 2


def test_own_rows_and_settlements_in_the_folder_count(folder: Path, tmp_path: Path) -> None:
    (folder / "graphmodel-types.yaml").write_text('rows: [{type: Agent, image: ["open-webui/open-webui"]}]\n')
    name = "deploy/docker-compose.yml with docker-compose.override.yml#llm"
    (folder / "graphmodel-import.yaml").write_text(f'types: {{"{name}": Agent}}\n')
    out = tmp_path / "system.yaml"
    done = CliRunner().invoke(main, ["import", str(folder), "-o", str(out)])
    assert done.exit_code == 0, done.stderr
    assets = yaml.safe_load(out.read_text())["assets"]
    assert (assets["web"]["type"], assets["llm"]["type"]) == ("Agent", "Agent")
    (folder / "graphmodel-import.yaml").write_text("odd: 1\n")
    assert CliRunner().invoke(main, ["import", str(folder)]).exit_code == 2


def test_a_folder_with_nothing_in_it_says_what_to_do(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["import", str(tmp_path)])
    assert done.exit_code == 2 and "docs/importers.md" in done.stderr


VARIANTS = {
    "docker-compose.yml": COMPOSE,
    "docker-compose.gpu.yml": COMPOSE.replace("ollama/ollama:0.5", "vllm/vllm-openai:v1"),
    "docker-compose.debug.yml": "services: {web: {environment: {DEBUG: 1}}}",
    "docker-compose.e2e.yml": "services: {browser: {image: selenium/standalone}}",
    "docker-compose.build.yml": "services: {a: {build: .}, b: {build: .}}",
    "examples/rag/docker-compose.yml": "services: {qdrant: {image: qdrant/qdrant}}",
    "README.md": "```mermaid\nflowchart LR\n  A --> B\n```",
    "dev/main.tf": 'resource "aws_s3_bucket" "docs" {}\nmodule "bot" { source = "../bot" }\n',
    "prod/main.tf": 'resource "aws_s3_bucket" "docs" {}\nmodule "bot" {\n  source = "../bot"\n}\n',
    "bot/main.tf": 'resource "aws_bedrockagent_agent" "this" {}\n',
    "k8s/config.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {URL: 'http://store:6333'}}",
    "k8s/api.yaml": (
        "# first\n"
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: api}, spec: {template: {spec: {containers: "
        "[{name: api, image: acme/api, envFrom: [{configMapRef: {name: c}}]}]}}}}"
    ),
    "k8s/store.yaml": (
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: store}, spec: {template: {metadata: {labels: {a: s}}"
        ", spec: {containers: [{name: store, image: qdrant/qdrant}]}}}}\n---\n"
        "{apiVersion: v1, kind: Service, metadata: {name: store}, spec: {selector: {a: s}}}"
    ),
}


def imported(root: Path, *options: str) -> tuple[dict[str, object], dict[str, str], str]:
    out = root.with_suffix(".yaml")
    done = CliRunner().invoke(main, ["import", str(root), "-o", str(out), "--force", "--json", *options])
    assert done.exit_code == 0, done.stderr
    said = json.loads(done.stdout)
    return yaml.safe_load(out.read_text()), {one["file"]: one["reason"] for one in said["left_aside"]}, done.stderr


def test_samples_and_other_ways_to_run_the_same_are_left_aside_until_they_are_asked_for(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    for name, content in VARIANTS.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    value, left, _ = imported(root)
    assert left == {
        "README.md": "it is a drawing in a text, beside files that say what runs",
        "docker-compose.e2e.yml": "it is named for tests",
        "examples/rag/docker-compose.yml": "it lies among samples and documents",
        "docker-compose.build.yml": "it only builds images",
        "docker-compose.debug.yml": "Compose lays it over “docker-compose.yml” only when it is told to",
        "docker-compose.gpu.yml": "it is another way to run what “docker-compose.yml” runs",
        "dev/main.tf": "it is another environment of what “prod/main.tf” makes",
    }
    assert value["assets"]["bot"]["source"]["file"] == "bot/main.tf"  # type: ignore[index]
    assert value["system"]["name"] == "shop"  # type: ignore[index]
    flows = {(one["from"], one["to"]): one for one in value["flows"]}  # type: ignore[attr-defined]
    place = flows["api", "store"]["source"]  # a setting in one manifest, of a service in another
    assert value["assets"]["store"]["source"]["file"] == "k8s/store.yaml", place  # type: ignore[index]
    assert value["assets"]["api"]["source"]["place"] == "[0]"  # type: ignore[index]
    value, left, _ = imported(root, "--take", "docker-compose.gpu.yml", "--take", "examples", "--leave", "k8s/*")
    assert "docker-compose.yml" in left and left["k8s/api.yaml"] == "you said so"
    assert "docker-compose.gpu.yml" not in left and "qdrant" in value["assets"]  # type: ignore[operator]
    value, left, _ = imported(root, "--take", "docker-compose.debug.yml")
    assert "docker-compose.debug.yml" not in left and "web-2" not in value["assets"]  # type: ignore[operator]


@pytest.mark.parametrize("top", ["", "shop-main/"])  # a folder, and the archive of a repository
@pytest.mark.parametrize(
    ("folders", "one"), [(("", ""), True), (("deploy/cpu/", "deploy/gpu/"), True), (("chat/", "search/"), False)]
)
def test_what_runs_the_same_is_told_by_services_and_folders(
    catalogue: Catalogue, top: str, folders: tuple[str, str], one: bool
) -> None:
    own = "app: {image: acme/app}, find: {image: acme/find}, rank: {image: acme/rank}"
    texts = {
        f"{top}{folders[0]}compose.yml": f"services: {{{own}, web: {{image: acme/web}}}}",
        f"{top}{folders[1]}compose.gpu.yml": f"services: {{{own}, model: {{image: acme/model}}}}",
        f"{top}notes.json": "{}",
    }
    sources = [Source(text.encode(), name) for name, text in texts.items()]
    found = read_folder(sources, catalogue, load_typing(catalogue)[0])
    assert [each.file for each in found.left] == ([f"{top}{folders[1]}compose.gpu.yml"] if one else [])


def test_flows_run_on_the_service_that_has_the_image_of_their_tool(tmp_path: Path) -> None:
    root = tmp_path / "kit"
    root.mkdir()
    (root / "docker-compose.yml").write_text('services: {n8n: {image: n8nio/n8n, ports: ["5678:5678"]}}')
    hook = {"id": "1", "name": "Hook", "type": "n8n-nodes-base.webhook", "parameters": {}, "position": [0, 0]}
    (root / "flow.json").write_text(json.dumps({"nodes": [hook], "connections": {}}))
    value, _, _ = imported(root)
    hosts = [one for one, said in value["assets"].items() if said["type"] in ("Host", "ContainerPlatform")]  # type: ignore[attr-defined]
    assert hosts == ["container-host", "n8n-server"]
    assert any(one["from"] == "hook" and one["to"] == "n8n-server" for one in value["dependencies"])  # type: ignore[attr-defined]


def test_manifests_of_what_a_compose_file_runs_are_another_way_also_where_workloads_are_called_otherwise(
    tmp_path: Path,
) -> None:
    def manifest(name: str, image: str) -> str:
        spec = f"{{template: {{spec: {{containers: [{{name: c, image: '{image}'}}]}}}}}}"
        return f"{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: {name}}}, spec: {spec}}}"

    root = tmp_path / "desk"
    files = {
        "compose.yml": "services:\n  desk: {image: acme/desk}\n  db: {image: postgres}\n",
        "k8s/desk/desk.yaml": manifest("desk-backend", "registry.acme.example/acme/desk:1"),
        "k8s/db/db.yaml": manifest("store", "postgres"),
    }
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    _, left, _ = imported(root)
    assert left["k8s/desk/desk.yaml"] == "it is another way to run what “compose.yml” runs"
    assert left["k8s/db/db.yaml"] == "it goes with manifests of what “compose.yml” runs"
