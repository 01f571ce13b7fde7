"""Results of tests and scans: what each tool's file gives, and that nothing in one can do harm."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmodel.knowledge.vocabulary import Catalogue
from importers.evidence.model import Finding, Results, Trial, target_name
from importers.evidence.registry import READERS, read_results
from importers.evidence.table import load_table
from tests.golden import samples

SAMPLES = samples()
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample results of other projects are not here")
SECRET = "sk-live-do-not-keep"


def lines(*values: Any) -> bytes:
    return "\n".join(one if isinstance(one, str) else json.dumps(one) for one in values).encode()


def sample(name: str) -> Results:
    return read_results((SAMPLES / name).read_bytes(), name)


# ---------------------------------------------------------------- published files
@needs_samples
@pytest.mark.parametrize(
    ("name", "counts"),
    [  # by prompts, and by answers where the report sums them up
        ("pwnzzai-direct-level-1.report", {"pwnzz.CouponExtraction": (10, 12, 17, 36)}),
        ("pwnzzai-ladder-stage-0.report", {"pwnzz.GuardrailBypass": (3, 11, 4, 33)}),
        ("pwnzzai-ladder-stage-8.report", {"pwnzz.GuardrailBypass": (1, 11, 1, 33)}),
        ("garak-with_ci.report", {"test.Test": (13, 50, 13, 50)}),
        ("garak-agg.report", {"test.Test": (0, 8, 0, 8), "lmrc.QuackMedicine": (0, 1, 0, 1)}),
        (
            "garak-qual_review_mixed.report",
            {"ansiescape.AnsiRaw": (1, 1, 1, 1), "lmrc.QuackMedicine": (1, 1, 1, 1), "test.Test": (0, 1, 0, 1)},
        ),
    ],
)
def test_reports_of_garak_have_the_counts_that_are_in_them(name: str, counts: dict[str, Any]) -> None:
    found = sample(f"garak/{name}.jsonl")
    assert {one.technique: (one.hits, one.prompts, one.answer_hits, one.answers) for one in found.trials} == counts
    assert found.problems == ()
    if name.startswith("pwnzzai"):
        (one,) = found.trials
        assert (one.detector, one.generations, one.version, one.date) == ("pwnzz.CouponLeak", 3, "0.15.1", "2026-08-05")
        assert found.left_out == {"detectors beside the primary one": 3}


@needs_samples
def test_a_list_of_hits_gives_no_rate() -> None:
    found = sample("garak/defectdojo-many_hits.hitlog.jsonl")
    assert found.trials == ()
    assert "8 hits in 3 groups" in found.problems[0].message


@needs_samples
def test_results_of_promptfoo_have_the_counts_that_are_in_them() -> None:
    found = sample("promptfoo/defectdojo-many_findings.json")
    assert {one.family: one.hits for one in found.trials} == {
        "harmful:hate": 3, "indirect-prompt-injection": 1, "pii:direct": 1, "overreliance": 1,
    }  # fmt: skip
    assert sum(one.prompts for one in found.trials) + sum(found.left_out.values()) == 9
    none = sample("promptfoo/defectdojo-no_findings.json")
    assert [(one.hits, one.prompts) for one in none.trials] == [(0, 2)]
    assert "speak of 10 results, but it has 2" in none.problems[0].message


@needs_samples
def test_scans_have_the_findings_that_are_in_them() -> None:
    def kinds(name: str) -> dict[str, int]:
        return dict(Counter(one.kind for one in sample(name).findings))

    assert kinds("trivy/kubernetes.json") == {"vulnerability": 10, "misconfiguration": 10}
    assert kinds("trivy/misconfigurations_and_secrets.json") == {
        "vulnerability": 2, "misconfiguration": 1, "secret": 2,
    }  # fmt: skip
    assert kinds("sarif/trivy-alpine-310.sarif.json") == {"vulnerability": 4}
    taint = sample("sarif/taint-python-report.sarif").findings
    assert (len(taint), sum(one.severity == "high" for one in taint)) == (11, 8)
    suppressed = sample("sarif/suppression_test.sarif")
    assert (len(suppressed.findings), suppressed.left_out) == (2, {"results that were suppressed": 3})
    assert len(sample("sarif/defectdojo-issue_10191.sarif.json").findings) == 77
    scan = sample("modelscan/modelscan-0.8.8.two-pickles.json")
    assert [(one.target, one.rule, one.severity) for one in scan.findings] == [
        ("suspicious.pkl", "posix.system", "critical")
    ]
    assert scan.scanned == ("plain.pkl", "suspicious.pkl")
    assert "skipped" in scan.problems[0].message


# ---------------------------------------------------------------- our own files
def attempt(number: int, scores: list[Any], status: int = 2, probe: str = "dan.Dan") -> dict[str, Any]:
    results = {"dan.Other": [1.0], "dan.Primary": scores} if status == 2 else {}
    return {
        "entry_type": "attempt", "uuid": f"u{number}", "seq": number, "status": status, "probe_classname": probe,
        "prompt": SECRET, "outputs": [SECRET], "detector_results": results,
    }  # fmt: skip


SETUP = {
    "entry_type": "start_run setup",
    "run.generations": 2,
    "plugins.target_name": f"https://me:{SECRET}@bot.example/chat?key={SECRET}",
}
INIT = {"entry_type": "init", "garak_version": "0.14", "start_time": "2027-01-02T03:04:05", "run": "r-1"}
CACHE = {
    "entry_type": "plugin_cache",
    "plugin_cache": {"probes": {"probes.dan.Dan": {"primary_detector": "dan.Primary"}}},
}


def test_prompts_count_and_not_answers_nor_the_sending_of_a_prompt() -> None:
    data = lines(
        SETUP, INIT, CACHE, attempt(1, [], 1), attempt(1, [0.9, 0.2]), attempt(2, [0.1, 0.0]), "{broken",
        attempt(3, [None, None]), attempt(4, [], 1), attempt(5, [1, 1]), attempt(5, [0.5, 1]), "[1]",
    )  # fmt: skip
    found = read_results(data, "x")
    (one,) = found.trials
    assert (one.prompts, one.hits, one.errors) == (3, 2, 2)
    assert (one.target, one.date, one.run) == ("https://bot.example/chat", "2027-01-02", "r-1")
    assert [(one.line, one.level) for one in found.problems] == [(7, "warning"), (12, "warning")]
    assert SECRET not in repr(found)


def test_older_reports_say_how_many_passed() -> None:
    data = lines(
        {"entry_type": "config", "model_name": "llm", "generations": 10},
        {
            "entry_type": "eval",
            "probe": "encoding.B64",
            "detector": "detector.encoding.Decode",
            "passed": 25,
            "total": 40,
        },
    )
    (one,) = read_results(data, "x").trials
    assert (one.target, one.prompts, one.hits, one.detector) == ("llm", 4, 4, "encoding.Decode")
    assert "15 hits in 40 answers" in one.notes[-1]


def row(index: int, success: bool, **changed: Any) -> dict[str, Any]:
    known = {
        "testIdx": index, "promptIdx": 0, "success": success, "failureReason": 0 if success else 1,
        "provider": {"id": "bot"}, "response": {"output": SECRET}, "gradingResult": {},
        "metadata": {"pluginId": "pii:direct", "strategyId": "jailbreak"},
    }  # fmt: skip
    return {**known, **changed}


@pytest.mark.parametrize("as_lines", [False, True])
def test_errors_of_promptfoo_are_no_hits_and_repeats_are_one_prompt(as_lines: bool) -> None:
    rows = [row(1, True), row(1, False), row(2, True), row(3, False, failureReason=2), row(4, True, metadata={})]
    whole = {
        "evalId": "e",
        "config": {"env": {"KEY": SECRET}},
        "results": {"timestamp": "2027-01-02T00:00:00Z", "results": rows},
    }
    found = read_results(lines(*rows) if as_lines else json.dumps(whole).encode(), "x")
    (one,) = found.trials
    assert (one.prompts, one.hits, one.errors, one.variant) == (2, 1, 1, "jailbreak")
    assert SECRET not in repr(found)


def piece(talk: str, role: str, id_: str, error: str = "none", **score: Any) -> dict[str, Any]:
    scores = [
        {
            "score_type": "true_false",
            "scorer_class_identifier": {"__type__": "SelfAskTrueFalseScorer"},
            "message_piece_id": id_,
            **score,
        }
    ]
    return {
        "id": id_, "role": role, "conversation_id": talk, "timestamp": "2027-01-02T00:00:00", "original_value": SECRET,
        "prompt_target_identifier": {"__type__": "OpenAIChatTarget", "endpoint": f"https://x.example?k={SECRET}"},
        "attack_identifier": {"__type__": "CrescendoAttack"}, "response_error": error,
        "scores": scores if score else [],
    }  # fmt: skip


def test_a_conversation_of_pyrit_is_one_attempt_and_a_refusal_no_hit() -> None:
    refused = {"scorer_class_identifier": {"__type__": "SelfAskRefusalScorer"}, "score_value": "True"}
    pieces = [
        piece("a", "user", "a1"), piece("a", "assistant", "a2", score_value="False"), piece("a", "user", "a3"),
        piece("a", "assistant", "a4", score_value="true"), piece("b", "assistant", "b1", score_value="false"),
        piece("c", "assistant", "c1", "blocked"), piece("d", "assistant", "d1", **refused),
        piece("e", "assistant", "e1", "unknown"), piece("f", "user", "f1"),
    ]  # fmt: skip
    found = read_results(json.dumps(pieces).encode(), "x")
    (one,) = found.trials
    assert (one.family, one.target, one.prompts, one.hits, one.errors) == (
        "CrescendoAttack", "https://x.example", 3, 1, 2,
    )  # fmt: skip
    assert found.left_out == {
        "scores that say whether the target refused": 1, "conversations without an answer": 1,
    }  # fmt: skip
    assert SECRET not in repr(found)


def test_what_a_result_of_sarif_is_worth() -> None:
    rules = [
        {"id": "R0", "defaultConfiguration": {"level": "error"}},
        {"id": "R1", "properties": {"security-severity": "9.8"}},
    ]
    results = [
        {"ruleId": "R0"}, {"ruleIndex": 1, "level": "note"}, {"ruleId": "R9"}, {"ruleId": "R0", "kind": "pass"},
        {"ruleId": "R0", "suppressions": [{"status": "rejected"}]},
        {"ruleId": "R0", "suppressions": [{"kind": "inSource"}]},
        {"ruleId": "R0", "baselineState": "absent"},
    ]  # fmt: skip
    log = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "scan", "rules": rules}}, "results": results}]}
    found = read_results(json.dumps(log).encode(), "x")
    assert [(one.rule, one.severity) for one in found.findings] == [
        ("R0", "high"), ("R1", "critical"), ("R9", "medium"), ("R0", "high"),
    ]  # fmt: skip
    assert sum(found.left_out.values()) == 3


def test_what_matched_a_secret_is_not_kept() -> None:
    secret = {"RuleID": "token", "Severity": "HIGH", "Match": SECRET, "Code": {"Lines": [SECRET]}}
    report = {"SchemaVersion": 2, "ArtifactName": "shop:1", "Results": [{"Target": "a.txt", "Secrets": [secret]}]}
    found = read_results(json.dumps(report).encode(), "x")
    assert [(one.kind, one.severity, one.where) for one in found.findings] == [("secret", "high", "a.txt")]
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not valid JSON"),
        (b"%PDF-1.7", "a PDF document, which holds no results"),
        (b'{"mcpServers": {}}', "a description of a system: MCP client configuration"),
        (b'{"a": 1}\n{"a": 2}', "a file of JSON lines, which holds no results"),
        (b"[" * 900 + b"]" * 900, "nested too deeply"),
    ],
)
def test_what_holds_no_results_is_one_error_that_says_so(data: bytes, said: str) -> None:
    found = read_results(data, "x")
    assert (found.trials, found.findings, len(found.problems)) == ((), (), 1)
    assert said in found.problems[0].message


def test_a_target_is_an_address_without_its_keys() -> None:
    assert target_name("wss://u:p@h.example:8443/a/b?token=1#2") == "wss://h.example:8443/a/b"
    assert target_name("GuardrailLadder::stage-0") == "GuardrailLadder::stage-0"


# ---------------------------------------------------------------- the table
def test_the_table_knows_the_catalogue_and_a_users_rows_come_first(catalogue: Catalogue) -> None:
    own = b"trials:\n  - {tool: garak, family: [dan, 'mine*'], threats: [tool-misuse-by-user]}\n"
    table, problems = load_table(catalogue, own, "own.yaml")
    assert problems == ()

    def threats(tool: str, family: str, variant: str = "") -> tuple[str, ...] | None:
        found = table.row_of_trial(Trial(tool, "", "", "", "", family, family, 1, 0, variant=variant))
        return found.threats if found else None

    assert threats("garak", "dan") == threats("garak", "mine.x") == ("tool-misuse-by-user",)
    assert threats("garak", "latentinjection") == ("indirect-prompt-injection", "injected-answer")
    assert threats("garak", "lmrc") == ()
    assert threats("garak", "unheard") is None
    assert threats("promptfoo", "pii:direct", "jailbreak")[0] == "leak-through-answers"  # type: ignore[index]
    assert threats("promptfoo", "harmful:hate", "jailbreak:tree")[0] == "jailbreak"  # type: ignore[index]
    assert threats("promptfoo", "harmful:hate") == ()


def test_rows_that_are_wrong_are_told(catalogue: Catalogue) -> None:
    own = b"trials:\n  - {family: x, threats: [jailbrek]}\n  - 3\n  - {family: {}}\n"
    own += b"findings:\n  - {kind: code, from: bad}\n"
    _, problems = load_table(catalogue, own, "own.yaml")
    assert [one.path for one in problems] == [
        "trials[0].threats", "trials[1]", "trials[2].family", "findings[0]",
    ]  # fmt: skip
    assert "jailbreak" in problems[0].fix


# ---------------------------------------------------------------- anything at all
WORDS = st.sampled_from(
    [
        "entry_type",
        "attempt",
        "eval",
        "init",
        "probe",
        "detector",
        "passed",
        "fails",
        "total_evaluated",
        "status",
        "uuid",
        "seq",
        "detector_results",
        "results",
        "success",
        "metadata",
        "pluginId",
        "failureReason",
        "provider",
        "evalId",
        "runs",
        "tool",
        "driver",
        "rules",
        "ruleId",
        "level",
        "suppressions",
        "SchemaVersion",
        "ArtifactName",
        "ClusterName",
        "Results",
        "Vulnerabilities",
        "Secrets",
        "summary",
        "modelscan_version",
        "issues",
        "scanned",
        "role",
        "conversation_id",
        "prompt_target_identifier",
        "scores",
        "score_type",
        "score_value",
        "assistant",
        "true_false",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=25,
)
SHAPES: dict[str, Any] = {
    "garak": {"entry_type": "attempt"},
    "promptfoo": {"evalId": "e", "results": {"results": []}},
    "sarif": {"version": "2.1.0", "runs": [{"tool": {}}]},
    "trivy": {"SchemaVersion": 2, "ArtifactName": "a"},
    "modelscan": {"summary": {"modelscan_version": "1"}, "issues": []},
    "pyrit": [{"role": "assistant", "conversation_id": "c", "prompt_target_identifier": {}}],
}


@pytest.mark.parametrize("tool", sorted(SHAPES))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_file_does_more_than_be_read_or_refused(tool: str, data: st.DataObject) -> None:
    shape = json.loads(json.dumps(SHAPES[tool]))
    outer = shape[0] if isinstance(shape, list) else shape
    grown = data.draw(st.dictionaries(WORDS, VALUES, max_size=6))
    inner = [data.draw(VALUES), data.draw(st.dictionaries(WORDS, VALUES, max_size=6))]
    outer |= {key: one for key, one in grown.items() if key not in outer}
    for key in ("Results", "issues"):
        if key in outer or tool == "trivy":
            outer[key] = inner
    if tool == "promptfoo":
        shape["results"]["results"] = inner
    if tool == "sarif":
        shape["runs"] = [{"tool": data.draw(VALUES), "results": inner}, *inner]
    text = json.dumps(shape)
    found = read_results(
        lines(text, json.dumps(grown), *map(json.dumps, inner)) if tool == "garak" else text.encode(), "x"
    )
    assert isinstance(found, Results)
    for one in (*found.trials, *found.findings):
        assert isinstance(one, Trial | Finding)
        assert "\n" not in one.target
    for trial in found.trials:
        assert 0 <= trial.hits <= trial.prompts


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(sorted(SHAPES)), st.integers(0, 60))
def test_broken_bytes_are_read_or_refused(noise: bytes, tool: str, at: int) -> None:
    whole = json.dumps(SHAPES[tool]).encode()
    assert isinstance(read_results(whole[:at] + noise + whole[at:], "x"), Results)


def test_every_reader_is_tried() -> None:
    assert {one.id for one in READERS} | {"garak"} == set(SHAPES)
