"""Recordings side by side, from files to the exit code."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

from results.compare.comparison import compare, grouped, one_each
from results.compare.gate import BadRule, parse_rule
from results.compare.markdown import as_markdown
from results.compare.match import Side
from results.compare.metrics import METRICS
from results.run import Run, load
from rooftop.cli import main
from tests.processes import rooftop
from tests.results.recordings import HEADER, made, real

TOLERANT, STRICT = "tpot_p50:+5%", "tpot_p50:+0.01%"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def test_the_same_work_passes_and_a_slower_server_fails_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = made(tmp_path / "a.rooftop", seed=1), made(tmp_path / "b.rooftop", seed=2)
    slow = made(tmp_path / "slow.rooftop", seed=3, tpot_s=0.00575)
    assert main(["compare", str(a), str(b), "--fail-on", TOLERANT]) == 0
    assert "is within +5 %" in capsys.readouterr().out
    assert main(["compare", str(a), str(slow), "--fail-on", TOLERANT]) == 1
    out = capsys.readouterr().out
    assert "WORSE" in out
    assert "TPOT p50 at conc 4, 128 + 33 tokens (slow against a): +1" in out
    assert main(["compare", str(slow), str(a), "--fail-on", TOLERANT]) == 0, "faster is no regression"


def test_three_requests_decide_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = made(tmp_path / "a.rooftop", requests=3, concurrency=1)
    slow = made(tmp_path / "b.rooftop", requests=3, concurrency=1, tpot_s=0.00575)
    assert main(["compare", str(a), str(slow), "--fail-on", TOLERANT]) == 3
    assert "CANNOT TELL" in (out := capsys.readouterr().out)
    assert "needs 6 requests in the steady part, has 3" in out


def test_a_bound_inside_the_interval_decides_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = (made(tmp_path / f"{seed}.rooftop", seed=seed, noise=0.2, requests=40) for seed in (1, 2))
    assert main(["compare", str(a), str(b), "--fail-on", STRICT]) == 3
    assert "may or may not be within" in capsys.readouterr().out


def test_levels_that_nobody_shares_are_named_and_decide_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = made(tmp_path / "a.rooftop", concurrency=4), made(tmp_path / "b.rooftop", concurrency=8)
    assert main(["compare", str(a), str(b), "--fail-on", TOLERANT]) == 3
    out = capsys.readouterr().out
    assert "no level of the first is in another" in out
    assert "not compared: a, conc 4" in out
    assert main(["compare", str(a), str(b)]) == 0, "nothing was asked"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("tpot_p50:5%", "is no rule"),
        ("tpot:+5%", "is no figure"),
        ("tpot_p50:-5%", "gets worse by rising: write tpot_p50:+5%"),
        ("output_tok_s:+5%", "gets worse by falling: write output_tok_s:-5%"),
        ("", "is no rule"),
    ],
)
def test_a_rule_that_cannot_be_read(rule: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BadRule, match=re.escape(words)):
        parse_rule(rule)
    assert main(["compare", "x", "y", "--fail-on", rule]) == 2
    assert words in capsys.readouterr().err


def test_a_rule_may_be_for_one_level(tmp_path: Path) -> None:
    a = made(tmp_path / "a.rooftop", levels=(2, 4))
    slow = made(tmp_path / "b.rooftop", levels=(2, 4), tpot_s=0.006)
    assert main(["compare", str(a), str(slow), "--fail-on", "tpot_p50@8:+5%"]) == 3
    assert main(["compare", str(a), str(slow), "--fail-on", "tpot_p50@4:+5%,ttft_p50@2:+20%"]) == 1


def test_errors_are_compared_as_shares(tmp_path: Path) -> None:
    a, b = made(tmp_path / "a.rooftop", failed=1), made(tmp_path / "b.rooftop", failed=2)
    assert main(["compare", str(a), str(b), "--fail-on", "error_rate:+20%"]) == 1
    assert main(["compare", str(b), str(a), "--fail-on", "error_rate:+20%"]) == 0


def test_junit_and_json_say_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = made(tmp_path / "a.rooftop")
    slow = made(tmp_path / "b.rooftop", tpot_s=0.006)
    words = ["compare", str(a), str(slow), "--fail-on", TOLERANT, "--fail-on", "ttft_p50:+50%", "--format", "json"]
    assert main([*words, "--junit", str(tmp_path / "out.xml")]) == 1
    said = json.loads(capsys.readouterr().out)
    assert [(rule["rule"], rule["outcome"]) for rule in said["rules"]] == [
        (TOLERANT, "regressed"), ("ttft_p50:+50%", "fine"),
    ]  # fmt: skip
    assert said["exit_code"] == 1
    figures = said["levels"][0]["sides"][1]["figures"]
    assert figures["tpot_p50"]["low"] < figures["tpot_p50"]["change"] < figures["tpot_p50"]["high"]
    assert figures["tpot_p50"]["change"] == pytest.approx(0.2, abs=0.01)
    suite = ElementTree.parse(tmp_path / "out.xml").getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")


def test_markdown_shows_hostile_names_as_they_are(tmp_path: Path) -> None:
    run = load(made(tmp_path / "a.rooftop"))
    evil = replace(run, name="a|b <img src=x>\n# [x](y)")
    text = as_markdown(compare(one_each([run, evil])))
    assert text.count("<img") == text.count("\\<img") > 0
    assert "\n# " not in text
    assert "\\<img src=x\\>" in text


def test_baselines_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, slow = made(tmp_path / "a.rooftop"), made(tmp_path / "b.rooftop", tpot_s=0.006)
    assert main(["compare", str(a), str(a), "--save-baseline", "main"]) == 0
    a.unlink()
    assert main(["compare", "--baseline", "main", str(slow), "--fail-on", TOLERANT]) == 1
    capsys.readouterr()
    assert main(["compare", "--baseline", "other", str(slow)]) == 1
    assert "no baseline is called other (there are: main)" in capsys.readouterr().err
    assert main(["compare", "--baseline", "../x", str(slow)]) == 2


def test_a_file_that_is_no_recording(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "x.txt"
    other.write_text("hello\n")
    assert main(["compare", str(made(tmp_path / "a.rooftop")), str(other)]) == 1
    assert "is not a rooftop recording" in capsys.readouterr().err
    assert main(["compare", str(other)]) == 2


@pytest.fixture(scope="module")
def by_length(tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    folder = tmp_path_factory.mktemp("lengths")
    names = [f"prompt-lengths/tp{tp}-{length}" for tp in (1, 2, 4) for length in (512, 2048, 8192, 16384, 32768)]
    return [load(real(name, folder)) for name in names]


def test_tp_against_tp_over_prompt_lengths_on_h200s(by_length: list[Run]) -> None:
    """The tables that asked whether two GPUs overtake four at long prompts: they do not, and one is best per GPU."""
    found = compare(grouped(by_length, "tp"))
    assert [side.name for side in found.sides] == ["TP=1", "TP=2", "TP=4"]
    assert len(found.matched) == 10
    assert not found.alone
    assert not [one for one in found.crossings if {one.better, one.other} == {"TP=2", "TP=4"}]
    assert {one.key.prompt_tokens for one in found.matched} == {512, 2048, 8192, 16384, 32768}
    for one in found.matched:
        per_gpu = [point.estimate(METRICS["output_tok_s_per_gpu"]).value or 0.0 for point in one.points]
        if one.key.amount == 1 and one.key.prompt_tokens <= 16384:
            assert per_gpu[0] > per_gpu[1] > per_gpu[2] > 0


def test_a_crossing_is_named_where_sides_change_places(tmp_path: Path) -> None:
    def side(name: str, tpot_s: dict[int, float]) -> Side:
        runs = []
        for prompt, step_s in tpot_s.items():
            header = msgspec.structs.replace(HEADER, prompt_tokens=prompt)
            runs.append(load(made(tmp_path / f"{name}-{prompt}.rooftop", tpot_s=step_s, header=header)))
        return Side(name, tuple(runs))

    two = side("TP=2", {1000: 0.006, 4000: 0.008, 16000: 0.012})
    four = side("TP=4", {1000: 0.004, 4000: 0.008 / 1.25, 16000: 0.012 * 1.25})
    found = [one for one in compare((four, two)).crossings if one.metric == "tpot_p50"]
    assert len(found) == 1
    assert found[0].at == pytest.approx(8000, rel=0.05)
    assert re.fullmatch(
        r"TP=2 beats TP=4 in TPOT p50 above about [78],\d{3} prompt tokens \(measured at 4000 and 16000\)",
        found[0].words,
    )
    assert (found[0].better, found[0].other, found[0].axis) == ("TP=2", "TP=4", "prompt tokens")


def test_per_gpu_figures_stand_beside_where_tp_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, four = (real(f"h200-llama-3.1-8b-tp{tp}", tmp_path) for tp in (1, 4))
    assert main(["compare", str(one), str(four)]) == 0
    out = capsys.readouterr().out
    assert "tok/s/GPU" in out
    assert "memory" in out
    assert "latency" in out
    said = compare(one_each([load(one), load(four)]))
    assert all(level.view.efficiency for matched in said.matched for p in matched.points for level in p.levels)


def test_two_simulated_runs_and_one_slower_by_15_percent(tmp_path: Path) -> None:
    """What a CI job does: run, run, compare."""

    def run(name: str, *flags: str) -> Path:
        path = tmp_path / name
        done = rooftop(tmp_path, "run", "--demo", "--concurrency", "4", "--hold", "5s", "--output-tokens", "32",
                       "-o", str(path), *flags)  # fmt: skip
        assert done.returncode == 0, done.stderr
        return path

    a, b, slow = run("a.rooftop"), run("b.rooftop"), run("slow.rooftop", "--sim-slow", "1.15")
    assert main(["compare", str(a), str(b), "--fail-on", TOLERANT]) == 0
    assert main(["compare", str(a), str(slow), "--fail-on", TOLERANT]) == 1
