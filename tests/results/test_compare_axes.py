"""Comparisons along one axis, by other bounds, of the same names, of damaged files; what is said besides."""

from __future__ import annotations

import json
import time
from pathlib import Path

import msgspec
import pytest

from results.compare.comparison import SINGLE, compare, one_each
from results.compare.markdown import as_markdown
from results.compare.match import Side
from results.run import load
from rooftop.cli import main
from tests.results.recordings import HEADER, made


def of_lengths(folder: Path, name: str, tpot_s: dict[int, float], levels: tuple[int, ...] = (2, 4)) -> Side:
    runs = []
    for prompt, step_s in tpot_s.items():
        head = msgspec.structs.replace(HEADER, prompt_tokens=prompt)
        runs.append(load(made(folder / f"{name}-{prompt}.rooftop", tpot_s=step_s, header=head, levels=levels)))
    return Side(name, tuple(runs))


def test_the_axis_decides_order_and_crossings(tmp_path: Path) -> None:
    two = of_lengths(tmp_path, "two", {1000: 0.004, 4000: 0.008})
    four = of_lengths(tmp_path, "four", {1000: 0.005, 4000: 0.006})
    along = compare((two, four), by="prompt-length")
    assert [(one.key.amount, one.key.prompt_tokens) for one in along.matched] == [
        (2, 1000), (2, 4000), (4, 1000), (4, 4000),
    ]  # fmt: skip
    assert {one.axis for one in along.crossings} == {"prompt tokens"}
    loads = compare((two, four), by="concurrency")
    assert [(one.key.prompt_tokens, one.key.amount) for one in loads.matched] == [
        (1000, 2), (1000, 4), (4000, 2), (4000, 4),
    ]  # fmt: skip
    assert not [one for one in loads.crossings if one.axis == "prompt tokens"]
    rates = compare((two, four), by="rate")
    assert not rates.matched
    assert not rates.alone, "closed levels are not on that axis at all"


def test_one_run_a_side_is_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = (made(tmp_path / f"{name}.rooftop") for name in "ab")
    assert main(["compare", str(a), str(b)]) == 0
    assert capsys.readouterr().out.count(SINGLE) == 1
    runs = [load(a), load(b)]
    assert as_markdown(compare(one_each(runs))).count(SINGLE) == 1
    repeats = (Side("x", (runs[0], runs[1])), Side("y", (runs[1],)))
    assert compare(repeats).caveat is None
    assert SINGLE not in as_markdown(compare(repeats))


def test_bounds_can_be_said_afterwards(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, slow = made(tmp_path / "a.rooftop"), made(tmp_path / "b.rooftop", tpot_s=0.02)
    assert main(["compare", str(a), str(slow)]) == 0
    assert "SLO" not in capsys.readouterr().out
    words = ["compare", str(a), str(slow), "--slo", "tpot=10ms", "--fail-on", "goodput:-5%"]
    assert main(words) == 1
    out = capsys.readouterr().out
    assert "a: SLO tpot 10 ms for 95 % of requests: met up to concurrency 4 (100.0 % good)" in out
    assert "b: SLO tpot 10 ms for 95 % of requests: met at no load, not at 4 (0.0 % good)" in out
    assert main([*words, "--format", "json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert [side["recordings"][0]["slo"]["reaches"][0]["met_up_to"] for side in said["sides"]] == [4, None]


def test_damage_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = (made(tmp_path / f"{name}.rooftop", requests=2000, levels=(1, 2, 4)) for name in "ab")
    data = bytearray(b.read_bytes())
    data[len(data) // 2] ^= 1
    b.write_bytes(data)
    assert main(["compare", str(a), str(b)]) == 0
    assert "b: not readable: " in capsys.readouterr().out
    assert main(["compare", str(a), str(b), "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [len(side["recordings"][0]["lost"]) for side in said["sides"]] == [0, 1]


def test_recordings_of_one_name_are_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x").mkdir()
    a, b = made(tmp_path / "a.rooftop"), made(tmp_path / "x" / "a.rooftop")
    assert main(["compare", str(a), str(b), "--format", "json"]) == 0
    assert [side["name"] for side in json.loads(capsys.readouterr().out)["sides"]] == ["a", "a (2)"]


def test_very_many_levels_are_compared_in_a_while(tmp_path: Path) -> None:
    run = load(made(tmp_path / "a.rooftop", requests=8, levels=tuple(range(1, 101))))
    begin_s = time.process_time()
    found = compare(one_each([run, run]))
    assert len(found.matched) == 100
    assert len(as_markdown(found).splitlines()) > 200
    assert time.process_time() - begin_s < 30
