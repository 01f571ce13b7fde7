"""The command line as a user meets it: in a process of its own, or by its runner where that says the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.calls import ASSISTANT, CHEAPEST, printed, run
from tests.conftest import EXAMPLES, ROOT
from tests.model.test_document import BOMB, SMALL
from tests.thorough import quick_first

pytestmark = pytest.mark.usefixtures("kept_answers")


def test_new_writes_a_document_that_is_free_of_problems_and_is_worth_reading(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    assert run("new", str(file)).exit_code == 0
    assert file.read_text().startswith(
        "# yaml-language-server: $schema=graphmodel.schema.json\n# A first System document."
    )
    assert json.loads((tmp_path / "graphmodel.schema.json").read_text())["title"]
    assert run("check", str(file)).exit_code == 0
    assert printed("assess", str(file))["risks"][0]["likelihood"]["residual"]["likelihood"] > 0
    before = file.read_text()
    again = run("new", str(file))
    assert again.exit_code == 2
    assert "--force" in again.stderr
    assert file.read_text() == before
    assert run("new", str(tmp_path / "nowhere" / "x.yaml")).exit_code == 2


@pytest.mark.parametrize("path", quick_first(1, EXAMPLES), ids=lambda path: path.stem)
def test_every_command_works_on_every_example(path: Path) -> None:
    asset = printed("assess", str(path))["assets"][0]["id"]
    for command in (["check"], ["assess"], ["paths"], ["gaps"], ["attackgraph"]):
        result = run(*command, str(path))
        assert result.exit_code == 0, result.output
        assert result.stdout
    for command in (["paths"], ["gaps"], ["check"], ["attackgraph"]):
        assert printed(*command, str(path))
    assert run("explain", str(path), asset).exit_code == 0
    assert printed("explain", str(path), asset)["facts"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("bad.yaml", b"a: [1\nb", "not valid YAML"),
        ("bomb.yaml", BOMB.encode(), "values once its aliases are expanded"),
        ("deep.json", b"[" * 100_000, "nested too deeply"),
        ("text.txt", b"Dear all,\nplease find attached", "no format that is read"),
        ("binary.tm7", bytes(range(256)) * 50, "read"),
        ("empty.yaml", b"", "no format that is read"),
        ("type.yaml", SMALL.replace("type: Agent", "type: Agnet").encode(), "type.yaml:8 assets.agent.type: error"),
        (
            "flow.yaml",
            SMALL.replace("to: app}", "to: ap}").encode(),
            "flow.yaml:12 flows[0].to: error: there is no asset or actor “ap”",
        ),
    ],
)
def test_bad_input_is_a_clear_error(name: str, content: bytes, says: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    for command in (["check"], ["assess"], ["paths"], ["import"]):
        result = run(*command, str(file))
        assert result.exit_code == 2, (command, result.output)
        assert says in result.stderr, (command, result.stderr)
        assert "Traceback" not in result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)


def test_a_file_of_200_mb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "huge.yaml"
    with file.open("wb") as stream:
        stream.truncate(200_000_000)
    result = run("check", str(file))
    assert result.exit_code == 2
    assert "larger than the limit of 20 MB" in result.stderr


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    for command in (["import", ASSISTANT, "-o", str(tmp_path), "--force"], ["new", "/proc/mine.yaml"]):
        refused = run(*command)
        assert refused.exit_code == 2
        assert "cannot be written" in refused.stderr


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    assert "no such file" in run("assess", str(tmp_path / "none.yaml")).stderr
    assert run("assess", str(tmp_path)).exit_code == 2
    assert "Did you mean crm-token" in run("explain", ASSISTANT, "crm-tokn").stderr
    assert "no actor “nobody”" in run("paths", CHEAPEST, "--from", "nobody").stderr
    assert "no asset “nothing”" in run("paths", CHEAPEST, "--to", "nothing").stderr
    assert run("assess", ASSISTANT, "--fail-above", "Enormous").exit_code == 2


def test_thresholds_are_an_exit_status(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(SMALL)
    risk = printed("assess", str(file), "--draws", "0")["risks"][0]
    likely = risk["likelihood"]["residual"]["likelihood"]
    assert risk["risk"] == "High" and 0.01 < likely < 0.99
    bands = (("Low", 1), ("Medium", 1), ("High", 0))
    for threshold, status in (*bands, (f"{likely - 0.01}", 1), (f"{likely + 0.01}", 0)):
        assert run("assess", str(file), "--fail-above", threshold).exit_code == status, threshold


def test_own_catalogue_and_settings_beside_the_model(tmp_path: Path) -> None:
    from tests.knowledge.test_ontology import OWN

    (tmp_path / "own.yaml").write_text(OWN)
    (tmp_path / "table.yaml").write_text("chance: {realized: {skilled: 1}}\n")
    file = tmp_path / "model.yaml"
    text = SMALL.replace(
        "db: {type: Database, zone: inside}", "db: {type: Database, zone: inside}\n  rack: {type: Host, zone: inside}"
    )
    text = text.replace("zone: outside}\n", 'zone: outside, starts: ["rack:reach"]}\n')
    file.write_text(text.replace("system:", "catalogue: [own.yaml]\nsettings: table.yaml\nsystem:", 1))
    steps = {one["id"]: one for one in printed("attackgraph", str(file))["steps"]}
    assert steps["badge-cloning:rack"]["chance"] == pytest.approx(0.2)
    for wrong, says in (
        ("../own.yaml", "outside the directory"),
        ("/etc/passwd", "outside the directory"),
        ("none.yaml", "no such file"),
    ):
        file.write_text(text.replace("system:", f"catalogue: [{wrong}]\nsystem:", 1))
        result = run("check", str(file))
        assert result.exit_code == 2
        assert says in result.stderr
    (tmp_path / "link.yaml").symlink_to("/etc/hostname")
    file.write_text(text.replace("system:", "catalogue: [link.yaml]\nsystem:", 1))
    assert "outside the directory" in run("check", str(file)).stderr


def test_import_joins_files_and_writes_whole_files_only(tmp_path: Path) -> None:
    one, two, out = tmp_path / "one.yaml", tmp_path / "two.yaml", tmp_path / "out.yaml"
    one.write_text(SMALL)
    two.write_text(
        SMALL.replace("type: Agent", "type: Orchestrator")
        .replace("id: small", "id: other")
        .replace("  db:", "  extra: {type: Tool}\n  db:")
    )
    result = run("import", str(one), str(two), "-o", str(out))
    assert result.exit_code == 0, result.output
    assert "type: Agent (a document) | Orchestrator (a document)" in result.stderr
    value = out.read_text()
    assert "extra:" in value
    assert "Orchestrator" not in value
    assert run("check", str(out)).exit_code == 0
    assert run("import", str(one), "-o", str(out)).exit_code == 2
    assert out.read_text() == value
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_json_alone_on_standard_output() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "graphmodel", "assess", CHEAPEST, "--json"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    value = json.loads(done.stdout)
    assert set(value) == {
        "system", "currency", "reach", "seed", "worlds", "confidence", "expected_loss", "yearly_loss",
        "actors", "risks", "assets", "fix_first", "inputs", "assumptions",
    }  # fmt: skip


def test_assets_and_actors_are_known_by_their_names() -> None:
    by_name = run("explain", CHEAPEST, "reject GATE").stdout
    assert "by " in by_name
    assert by_name == run("explain", CHEAPEST, "rejector").stdout
    assert [one["fact"] for one in printed("explain", CHEAPEST, "Reject gate:write")["facts"]] == ["rejector:write"]
    by_name = run("paths", CHEAPEST, "--to", "Reject gate", "--from", "ransomware crew").stdout
    assert "path 1" in by_name
    assert by_name == run("paths", CHEAPEST, "--to", "rejector", "--from", "remote-attacker").stdout
    refused = run("explain", CHEAPEST, "reject gat")
    assert refused.exit_code == 2
    assert "Reject gate" in refused.stderr


def test_explain_given_says_what_probably_happened() -> None:
    (found,) = printed("explain", CHEAPEST, "rejector:write", "--given")["given"]
    assert found["fact"] == "rejector:write"
    taken = [one["taken"] for one in found["steps"]]
    assert taken == pytest.approx(sorted(taken, reverse=True), abs=1e-9) and 0 < taken[0] <= 1
    assert any(one["taken"] > one["before"]["value"] + 0.1 for one in found["steps"])
    assert all(one["failed"] >= one["before"] - 1e-9 for one in found["controls"])


def test_a_folder_in_which_nothing_is_of_use_says_so_in_one_line(tmp_path: Path) -> None:
    for name in ("a", "b"):
        text = f"apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: {name}}}\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    result = run("import", str(tmp_path))
    assert result.exit_code == 2
    said = "error: there is nothing to import. Left aside: nothing in it becomes an asset: *.yaml."
    assert [one.startswith(said) for one in result.stderr.splitlines()] == [True]
