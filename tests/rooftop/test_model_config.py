"""The flags that say what the arithmetic takes, from the command line to a replay on another machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rooftop.cli import main
from tests.processes import rooftop, sim
from tests.recorded import text_of
from tests.regime import configs


def wrong(capsys: pytest.CaptureFixture[str], *flags: str) -> str:
    try:
        code: object = main(["run", "http://127.0.0.1:1", "--concurrency", "1", *flags])
    except SystemExit as end:
        code = end.code
    assert code == 2
    return capsys.readouterr().err.splitlines()[-1]


def test_flags_that_cannot_be_used_end_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.json"
    assert "No such file" in wrong(capsys, "--model-config", str(path))
    path.write_text(json.dumps({**configs.LLAMA_8B, "vocab_size": -1}))
    assert "vocab_size is -1, not a whole number" in wrong(capsys, "--model-config", str(tmp_path))
    path.write_text(json.dumps(configs.LLAMA_8B))
    both = wrong(capsys, "--model-config", str(path), "--model-shape", "qwen3-8b")
    assert both.endswith("are two ways to give a model's shape: say one")
    assert "did you mean h200" in wrong(capsys, "--gpu", "h2000")
    assert "it has: gh200, h200" in wrong(capsys, "--gpu", "~")


def test_a_recording_needs_the_file_no_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "my-mixtral" / "config.json"
    config.parent.mkdir()
    config.write_text(json.dumps(configs.MIXTRAL))
    path = tmp_path / "a.rooftop"
    with sim() as url:
        done = rooftop(
            tmp_path, "run", url, "--concurrency", "2", "--hold", "2s", "--output-tokens", "32",
            "--model-config", str(config), "--gpu", "b200", "-o", str(path),
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "arithmetic (shape: --model-config, bandwidth: built-in table)" in done.stdout
    config.unlink()
    assert main(["report", str(path), "--format", "json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["model_shape"]["name"] == "my-mixtral"
    assert figures["model_shape"]["parameters"] == pytest.approx(46.7e9, rel=0.001)
    assert figures["gpu_peaks"]["name"] == "B200"
    assert str(tmp_path) not in text_of(path)
