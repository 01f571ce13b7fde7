"""Losses and their uncertainty on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.calls import ASSISTANT, CHEAPEST, printed, run
from tests.model.test_document import SMALL

pytestmark = pytest.mark.usefixtures("kept_answers")


def test_loss_says_what_a_year_costs_and_how_sure_that_is() -> None:
    found = printed("loss", ASSISTANT, "--years", "5000", "--worlds", "2000", "--draws", "200")
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
    said = run("loss", ASSISTANT, "--years", "5000", "--worlds", "2000", "--top", "2", "--draws", "110").output
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


def test_loss_of_few_worlds_plays_the_campaigns_that_its_quantiles_take(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(SMALL)
    assert printed("loss", str(file), "--worlds", "100", "--years", "1000", "--draws", "0")["worlds"] == 1000
    assert "1,000 campaigns of each actor" in run("loss", str(file), "--worlds", "100", "--years", "1000").output


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
    records = found["likelihood"]["customer-records:read"]
    assert 0.1 < records["low"] < records["at_means"] < records["high"] < 0.4
    assert printed("assess", CHEAPEST, "--draws", "0")["inputs"] is None
    said = run("assess", ASSISTANT).output
    assert "90 % of 1,000 draws of the inputs give" in said
    assert "campaigns a year of Anyone on the internet" in said
    assert "from the inputs" not in run("assess", CHEAPEST, "--draws", "0").output
