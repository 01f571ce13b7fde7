"""The command line as a user meets it: in a process of its own, or by its runner where that says the same."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from graphmodel.cli.main import main
from graphmodel.cli.progress import Patience
from graphmodel.outputs.text.figures import visible
from tests.conftest import EXAMPLES, ROOT
from tests.model.test_document import BOMB, SMALL
from tests.thorough import quick_first

ASSISTANT = str(ROOT / "examples" / "support-assistant.yaml")
CHEAPEST = str(ROOT / "examples" / "edge-inspection.yaml")  # to assess


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def printed(*arguments: str) -> dict:  # type: ignore[type-arg]
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)  # type: ignore[no-any-return]


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


def test_loss_says_what_a_year_costs_and_how_sure_that_is() -> None:
    found = printed("loss", ASSISTANT, "--years", "5000", "--worlds", "2000")
    assert found["view"] == "residual"
    assert found["year"]["years"] == 5000
    assert found["expected_loss"]["per"] == "year"
    assert found["expected_loss"]["method"] == "exact"
    chances = [one["chance"] for one in found["year"]["exceedance"]]
    assert chances == sorted(chances, reverse=True)
    assert [one["level"] for one in found["year"]["value_at_risk"]] == [0.95, 0.99]
    assert found["year"]["any_loss"]["inputs"]["low"] < found["year"]["any_loss"]["chance"]
    assert found["campaigns"][0]["any_loss"]["inputs"] is None
    assert sum(one["share"]["value"] for one in found["contributions"]["assets"]) == pytest.approx(1)
    assert found["inputs"]["yearly_loss"]["sampling_error"] == 0
    assert found["inputs"]["drivers"][0]["kind"] == "rate"
    inherent = printed("loss", ASSISTANT, "--years", "5000", "--worlds", "2000", "--view", "inherent", "--draws", "0")
    assert inherent["inputs"] is None
    assert inherent["year"]["mean"] > found["year"]["mean"]
    said = run("loss", ASSISTANT, "--years", "5000", "--worlds", "2000", "--top", "2").output
    for words in ("value at risk 95%", "from the inputs", "Why the interval is wide", "Paths overlap"):
        assert words in said


def test_loss_of_a_model_without_rates_speaks_of_campaigns(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(SMALL)
    found = printed("loss", str(file), "--worlds", "2000")
    assert found["year"] is None
    assert found["expected_loss"]["per"] == "campaign"
    assert found["inputs"]["yearly_loss"] is None
    assert "nothing to say about a year" in run("loss", str(file), "--worlds", "2000").output


@pytest.mark.parametrize(
    "text",
    [
        SMALL.split("actors:")[0].replace("  - {from: visitor, to: app}\n", ""),
        SMALL.split("losses:")[0],
        SMALL.replace("zone: outside}", "zone: outside, attempts_per_year: 0}"),
        SMALL.replace("severity: high", "amount: 0"),
    ],
    ids=["no actor", "no loss", "no campaign", "free"],
)
def test_loss_of_a_model_in_which_nothing_is_lost(text: str, tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(text)
    found = printed("loss", str(file), "--worlds", "2000", "--years", "1000")
    assert found["expected_loss"]["amount"] == 0 or found["year"] is None
    for command in ("loss", "assess"):
        result = run(command, str(file), "--worlds", "2000")
        assert result.exit_code == 0, result.output
        assert "nan" not in result.output


def test_loss_refuses_what_it_cannot_answer(tmp_path: Path) -> None:
    assert run("loss", ASSISTANT, "--years", "10").exit_code == 2
    few = run("loss", ASSISTANT, "--draws", "5")
    assert few.exit_code == 2
    assert "at least 110" in few.stderr
    assert run("assess", ASSISTANT, "--draws", "5").exit_code == 2
    file = tmp_path / "often.yaml"
    file.write_text(SMALL.replace("zone: outside}", "zone: outside, attempts_per_year: 1000000}"))
    often = run("loss", str(file))
    assert often.exit_code == 2
    assert "too many to play" in often.stderr
    assert "Traceback" not in often.output


def test_assess_shows_what_the_ranges_of_the_inputs_do() -> None:
    found = printed("assess", ASSISTANT)["inputs"]
    assert found["draws"] == 1000
    assert found["likelihood"]["customer-records:read"]["low"] == pytest.approx(0.28, abs=0.01)
    assert printed("assess", CHEAPEST, "--draws", "0")["inputs"] is None
    said = run("assess", ASSISTANT).output
    assert "90 % of 1,000 draws of the inputs give" in said
    assert "campaigns a year of Anyone on the internet" in said
    assert "from the inputs" not in run("assess", CHEAPEST, "--draws", "0").output


def test_the_attack_graph_of_a_file_solves_to_the_numbers_of_its_assessment(tmp_path: Path) -> None:
    (assessed,) = [one for one in printed("assess", ASSISTANT, "--draws", "0")["actors"] if one["id"] == "visitor"]
    for view in ("inherent", "residual", "target"):
        graph = printed("attackgraph", ASSISTANT, "--from", "visitor", "--view", view)
        file = tmp_path / "graph.json"
        file.write_text(json.dumps(graph))
        solved = printed("solve", str(file))
        assert solved["expected_loss"]["amount"] == pytest.approx(assessed["expected_loss"][view]["amount"], rel=1e-12)
        assert solved["facts"]["customer-records:read"]["method"] == "exact"
    simulated = printed("solve", str(file), "--simulate", "--worlds", "20000", "--seed", "7")
    outside = [
        fact
        for fact, estimate in simulated["facts"].items()
        if not estimate["low"] <= solved["facts"][fact]["likelihood"] <= estimate["high"]
    ]
    assert len(outside) <= 0.05 * len(simulated["facts"])  # 99 % intervals, of numbers that hang together
    assert simulated == printed("solve", str(file), "--simulate", "--worlds", "20000", "--seed", "7")


def test_the_format_of_the_documentation_is_read(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "method.md").read_text().split("```json\n")[1].split("```")[0]
    file = tmp_path / "graph.json"
    file.write_text(text)
    facts = printed("solve", str(file))["facts"]
    assert facts["agent:run"] == {"likelihood": 0.24, "low": 0.24, "high": 0.24, "method": "exact"}


@pytest.mark.parametrize(
    ("graph", "says"),
    [
        ("[]", "not an attack graph"),
        ("{}", "not an attack graph"),
        (
            '{"facts": ["a"], "steps": [{"id": "s", "needs": ["b"], "gains": "a", "chance": 1}]}',
            "“b” is not among the facts",
        ),
        ('{"facts": ["a"], "steps": [{"id": "s", "needs": [], "gains": "a", "chance": 2}]}', "number from 0 to 1"),
        (
            '{"facts": ["a"], "steps": [{"id": "s", "gains": "a", "chance": 1, "controls": ["c"]}]}',
            "there is no control “c”",
        ),
        ('{"facts": ["a", "a"], "steps": []}', "stands here twice"),
        ('{"facts": ["a"], "steps": [{"id": "s", "gains": "a", "chance": NaN}]}', "number"),
        ('{"facts": ["a"], "steps": 3}', "list"),
        ('{"facts": [1], "steps": [null]}', "object"),
        ('{"facts": ["a"], "steps": [{"id": "s", "gains": "a", "chance": 1, "chanse": 1}]}', "no field “chanse”"),
        ('{"facts": ["a"], "losses": [{"fact": "a", "amount": -1}], "steps": []}', "number from 0"),
        ("{", "not valid JSON"),
    ],
)
def test_solve_refuses_what_is_not_sound(graph: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "graph.json"
    file.write_text(graph)
    result = run("solve", str(file))
    assert result.exit_code == 2
    assert says in result.stderr
    assert not result.stdout


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
    assert "no actor “nobody”" in run("paths", ASSISTANT, "--from", "nobody").stderr
    assert "no asset “nothing”" in run("paths", ASSISTANT, "--to", "nothing").stderr
    assert run("assess", ASSISTANT, "--fail-above", "Enormous").exit_code == 2


def test_thresholds_are_an_exit_status(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(SMALL)
    for threshold, status in (("Low", 1), ("Medium", 1), ("High", 0), ("0.15", 1), ("0.17", 0)):
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
    assert "says something else of it" in result.stderr
    value = out.read_text()
    assert "extra:" in value
    assert "Orchestrator" not in value
    assert run("check", str(out)).exit_code == 0
    assert run("import", str(one), "-o", str(out)).exit_code == 2
    assert out.read_text() == value
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_json_alone_on_standard_output() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "graphmodel", "assess", ASSISTANT, "--json"],
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


def test_checking_a_file_imports_neither_the_app_nor_a_database_nor_rdflib() -> None:
    run("check", ASSISTANT)
    code = (
        "import sys; from click.testing import CliRunner; from graphmodel.cli.main import main;"
        f"assert CliRunner().invoke(main, ['assess', {ASSISTANT!r}]).exit_code == 0;"
        "heavy = ('streamlit', 'pyvis', 'neo4j', 'arcadedb', 'rdflib', 'pandas', 'scipy');"
        "print([one for one in heavy if one in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


@pytest.mark.store
def test_queries_on_the_command_line() -> None:
    answer = printed("query", ASSISTANT, "MATCH (a:Asset {system: $system}) RETURN a.id AS id ORDER BY id LIMIT 2")
    assert answer["columns"] == ["id"]
    assert answer["rows"] == [["agent-framework"], ["agent-memory"]]
    assert printed("query", ASSISTANT, "MATCH (a:Asset) RETURN a.id", "--rows", "3")["truncated"] is True
    assert printed("query", ASSISTANT, "RETURN $n + 1 AS m", "--param", "n=41")["rows"] == [[42]]
    assert run("query", ASSISTANT, "--saved", "biggest-losses").exit_code == 0
    for text, says in (
        ("MATCH (n) DETACH DELETE n", "may only read"),
        ("MATCH (n) RETRUN n", "line 1"),
        ("LOAD CSV FROM 'file:///etc/passwd' AS l RETURN l", "must not read files"),
    ):
        result = run("query", ASSISTANT, text)
        assert result.exit_code == 2
        assert says in result.stderr


@pytest.mark.store
def test_a_wrong_query_is_told_before_anything_is_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the model was assessed")

    monkeypatch.setattr("graphmodel.cli.query.assessed", never)
    for text in ("MATCH (n RETURN n", "RETURN x", "RETURN $nothing", "SHOW USERS"):
        result = run("query", ASSISTANT, text)
        assert (result.exit_code, result.stdout) == (2, "")
        assert text == "RETURN x" or "line 1, column" in result.stderr


def test_saved_queries_are_listed_and_misspelt_ones_suggested() -> None:
    assert "biggest-losses" in run("query", "--list").stdout
    assert "Did you mean biggest-losses" in run("query", ASSISTANT, "--saved", "bigest-losses").stderr
    assert run("query", ASSISTANT).exit_code == 2


def test_a_simulation_ends_at_the_precision_that_was_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "coin.json"
    steps = [{"id": "s", "needs": ["a"], "gains": "b", "chance": 0.5}]
    file.write_text(
        json.dumps({"facts": ["a", "b"], "start": ["a"], "steps": steps, "losses": [{"fact": "b", "amount": 1}]})
    )
    found = printed("solve", str(file), "--simulate", "--precision", "0.01")
    assert 16_384 < found["worlds"] < 200_000
    assert found["facts"]["b"]["high"] - found["facts"]["b"]["low"] <= 0.02
    assert printed("solve", str(file))["worlds"] == 0


def test_a_long_simulation_tells_how_far_it_is_and_can_be_ended(tmp_path: Path) -> None:
    """A real process gets a real Ctrl-C and prints what it has."""
    file = tmp_path / "coin.json"
    steps = [{"id": f"s{n}", "needs": [f"f{n}"], "gains": f"f{n + 1}", "chance": 0.9995} for n in range(2000)]
    graph = {"facts": [f"f{n}" for n in range(2001)], "start": ["f0"], "steps": steps}
    file.write_text(json.dumps(graph))
    command = [sys.executable, "-m", "graphmodel", "solve", str(file), "--simulate", "--precision", "0.0001", "--json"]
    with (
        (tmp_path / "out.json").open("w") as out,
        subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, text=True) as process,
    ):
        assert process.stderr is not None
        heard = []
        for line in process.stderr:  # on a slow machine it is said first that work goes on
            heard.append(line)
            if "of 10,000,000 worlds" in line:
                break
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert "of 10,000,000 worlds" in heard[-1], heard
    assert process.returncode == 0, err
    assert "ending early" in err
    assert 0 < json.loads((tmp_path / "out.json").read_text())["worlds"] < 10_000_000


def test_solve_says_how_much_hangs_on_each_step_and_control(tmp_path: Path) -> None:
    file = tmp_path / "graph.json"
    file.write_text(
        json.dumps(
            {
                "facts": ["start", "a", "b"],
                "start": ["start"],
                "controls": [{"id": "filter", "holds": 0.5}],
                "steps": [
                    {"id": "first", "needs": ["start"], "gains": "a", "chance": 1.0, "controls": ["filter"]},
                    {"id": "second", "needs": ["a"], "gains": "b", "chance": 0.4},
                ],
                "losses": [{"fact": "b", "amount": 100}],
            }
        )
    )
    found = json.loads(CliRunner().invoke(main, ["solve", str(file), "--importance", "--json"]).stdout)["importance"]
    assert found["steps"]["second"]["saves"]["value"] == pytest.approx(20.0)
    assert found["controls"]["filter"]["saves"]["value"] == pytest.approx(20.0)
    assert found["controls"]["filter"]["costs"]["value"] == pytest.approx(20.0)
    said = CliRunner().invoke(main, ["solve", str(file), "--importance"]).output
    assert "saved if impossible" in said
    assert "lost if absent" in said
    assert "importance" not in json.loads(CliRunner().invoke(main, ["solve", str(file), "--json"]).stdout)


def test_what_has_no_interval_is_said_to_be_exact() -> None:
    for command, *more in (
        ["assess"],
        ["paths"],
        ["gaps"],
        ["importance", "--worlds", "2000"],
        ["explain", "rejector"],
    ):
        result = run(command, CHEAPEST, *more)
        assert result.exit_code == 0, result.output
        assert " exact" in result.stdout.splitlines()[-1] or "are exact" in result.stdout.split("rest on:")[-1], command


def test_long_silence_is_broken(capsys: pytest.CaptureFixture[str]) -> None:
    """What is being done is said, rarely, and not any more once the command has ended."""
    listener = Patience(0.05)
    listener.work = "reading large.json"
    listener.begin()
    time.sleep(0.4)
    listener.end()
    said = capsys.readouterr().err.splitlines()
    assert 1 <= len(said) <= 4
    assert all(line.startswith("still reading large.json, ") for line in said)
    time.sleep(0.2)
    assert not capsys.readouterr().err


def test_a_command_that_is_done_leaves_nobody_listening() -> None:
    result = run("catalogue")
    assert result.exit_code == 0
    assert "still" not in result.stderr
    for one in threading.enumerate():
        if one.name == "patience":
            one.join(5)
            assert not one.is_alive()


def on_a_terminal(*arguments: str, columns: int = 80, **environment: str) -> str:
    """What a command prints where standard output is a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    variables = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
    command = [sys.executable, "-m", "graphmodel", *arguments]
    process = subprocess.Popen(command, stdout=theirs, stderr=theirs, env={**variables, "TERM": "xterm", **environment})
    os.close(theirs)
    said = b""
    try:
        while block := os.read(ours, 65536):
            said += block
    except OSError:  # the other end is closed
        pass
    finally:
        os.close(ours)
    process.wait()
    return said.decode()


def test_tables_fit_the_terminal_and_bands_have_colour(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(SMALL)
    said = on_a_terminal("assess", str(file), columns=80)
    assert re.search("\x1b\\[[0-9;]+m(Low|Medium|High|Critical)\x1b\\[0m", said)
    tables = [line for line in said.replace("\r", "").split("\n") if re.search(r"\S  +\S", line)]
    assert tables
    assert all(visible(line) <= 80 for line in tables)
    assert "\x1b" not in on_a_terminal("assess", str(file), NO_COLOR="1")


def test_a_model_cannot_drive_the_terminal(tmp_path: Path) -> None:
    evil = r"\e]0;pwn\a\e[2J\e]52;c;ZXZpbA==\a\u202e\u009b31m\nCI: all checks passed"
    file = tmp_path / "evil.yaml"
    text = SMALL.replace("system: {id: small", f'system: {{name: "{evil}", id: small')
    assert text != SMALL
    file.write_text(text + f'"{evil}": 1\n')
    assert "\x1b]" not in on_a_terminal("check", str(file))
    file.write_text(text)
    for command in (["assess", str(file)], ["check", str(file)], ["loss", str(file), "--worlds", "2000"]):
        said = on_a_terminal(*command, NO_COLOR="1").replace("\r\n", "\n")
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", said), command
        assert not any(line.startswith("CI: all") for line in said.splitlines())
    printed("assess", str(file))


def test_assets_and_actors_are_known_by_their_names() -> None:
    assert run("explain", ASSISTANT, "customer RECORDS").stdout == run("explain", ASSISTANT, "customer-records").stdout
    by_name = run("paths", ASSISTANT, "--to", "Customer records", "--from", "anyone on the internet").stdout
    assert by_name == run("paths", ASSISTANT, "--to", "customer-records", "--from", "visitor").stdout
    refused = run("explain", ASSISTANT, "customer record")
    assert refused.exit_code == 2
    assert "Customer records" in refused.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_and_installed(shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    printed_script = run("completion", shell)
    assert printed_script.exit_code == 0
    assert "_GRAPHMODEL_COMPLETE" in printed_script.stdout
    installed = run("completion", shell, "--install")
    assert installed.exit_code == 0, installed.output
    (script,) = [path for path in tmp_path.rglob("*graphmodel*") if path.is_file()]
    assert script.read_text() == printed_script.stdout
