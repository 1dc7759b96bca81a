from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from loadgen.lengths import Spread
from loadgen.plan import Workload
from rooftop.cli import main
from rooftop.options import add_load, workload
from tests.processes import rooftop
from tests.recorded import text_of


def made(*words: str) -> Workload:
    parser = argparse.ArgumentParser()
    add_load(parser)
    return workload(parser.parse_args(words))


def test_without_flags_the_workload_is_the_plain_one() -> None:
    assert made() == Workload()


def test_flags_become_a_workload() -> None:
    shape = made(
        "--prompt-tokens", "normal:128,32", "--output-tokens", "7", "--prefix-tokens", "64", "--prefix-share", "80%",
        "--prefix-count", "3", "--turns", "4", "--workers", "2",
    )  # fmt: skip
    assert (shape.prompt_tokens, shape.prompt_spread) == (128, Spread("normal", 128, 32))
    assert (shape.output_tokens, shape.output_spread) == (7, None)
    assert (shape.prefix_tokens, shape.prefix_share, shape.prefix_count) == (64, 0.8, 3)
    assert (shape.turns, shape.workers) == (4, 2)


def test_two_sessions_never_share_a_salt() -> None:
    first, second = (made("--cache-salt").cache_salt for _ in range(2))
    assert first
    assert second
    assert first != second


def test_a_data_set_is_named_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("x" * 400 + "\n")
    monkeypatch.chdir(tmp_path)
    shape = made("--dataset", "a.txt", "--dataset-order", "file")
    assert (shape.dataset, shape.dataset_order, shape.prompt_tokens) == (str(tmp_path / "a.txt"), "file", 100)


def test_a_bad_data_set_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"prompt": "a"}\n{')
    with pytest.raises(SystemExit) as error:
        main(["run", "http://127.0.0.1:1", "--concurrency", "1", "--dataset", str(path)])
    assert error.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1].endswith(f"{path}, line 2: is no JSON")


def test_a_data_set_goes_with_neither_prefix_nor_turns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.txt"
    path.write_text("hello\n")
    assert main(["run", "http://127.0.0.1:1", "--concurrency", "1", "--dataset", str(path), "--turns", "2"]) == 2
    assert "--turns" in capsys.readouterr().err


def test_a_run_sends_a_data_set_and_records_none_of_it(tmp_path: Path) -> None:
    path, out = tmp_path / "a.txt", tmp_path / "a.rooftop"
    path.write_text("xyzzy plugh\n" * 3)
    done = rooftop(
        tmp_path, "run", "--demo", "--concurrency", "2", "--hold", "1s", "--dataset", str(path), "--endpoint", "chat",
        "--output-tokens", "uniform:3-9", "--cache-salt", "--workers", "2", "-o", str(out),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    data = text_of(out)
    assert '"error"' not in data
    assert "xyzzy" not in data + done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--prompt-tokens", "normal:3"], "write it like 128, normal:128,32"),
        (["--prefix-tokens", "128"], "must be less than"),
        (["--prefix-share", "1.5"], "write it like 0.8"),
        (["--prompt-tokens", "9000000", "--prefix-tokens", "900000", "--prefix-count", "100000"], "--prefix-count"),
        (["--turns", "0"], "no whole number"),
    ],
)
def test_wrong_flags_end_with_2_before_anything_starts(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code: object = main(["run", "http://127.0.0.1:1", "--concurrency", "1", *words])
    except SystemExit as error:
        code = error.code
    assert code == 2
    assert said in capsys.readouterr().err
