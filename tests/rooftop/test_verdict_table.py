"""What the levels table says of verdicts, energy and money."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from rooftop.cli import main

REAL = Path(__file__).parents[1] / "data" / "recordings" / "h200-llama-3.1-8b-tp1.rooftop.gz"


@pytest.fixture
def recording(tmp_path: Path) -> str:
    path = tmp_path / "a.rooftop"
    path.write_bytes(gzip.decompress(REAL.read_bytes()))
    return str(path)


def test_advice_growth_and_what_stands_beside_a_label_are_said(
    recording: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", recording]) == 0
    text = capsys.readouterr().out
    assert "at 512: compute-bound: " in text
    assert "  beside it: power-capped, mixed\n" in text
    assert "  batch limited by offered-load: no request waits\n" in text
    assert "  advice: arithmetic at the power limit: FP8" in text
    assert "\nscaling: 4.65 ms + 0.034 ms × batch; knee at 56 ± 3.0\n" in text
    assert "tok/J" in text
    assert "cost/M" not in text


def test_a_price_turns_tokens_into_money(recording: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", recording, "--gpu-hour", "2.50"]) == 0
    text = capsys.readouterr().out
    assert "cost/M: a million output tokens at 2.5 per GPU and hour" in text
    assert "compute+memory" in text, "the price takes no room from the verdict"
    row = next(line for line in text.splitlines() if line.split()[:1] == ["16"])
    assert row.split()[-1] == "0.228"
    assert main(["report", recording, "--gpu-hour", "2.50", "--format", "json"]) == 0
    efficiency = json.loads(capsys.readouterr().out)["levels"][2]["efficiency"]
    assert efficiency["cost_per_million_output_tokens"] == pytest.approx(0.229, abs=0.001)
    assert efficiency["tokens_per_joule"] == pytest.approx(6.07, abs=0.02)


@pytest.mark.parametrize("price", ["0", "-1", "free", "1e9"])
def test_a_price_that_is_none_ends_with_2(recording: str, price: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as error:
        main(["report", recording, f"--gpu-hour={price}"])
    assert error.value.code == 2
    assert "write what one GPU costs an hour, like 2.50" in capsys.readouterr().err
