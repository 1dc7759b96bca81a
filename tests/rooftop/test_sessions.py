from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest

from rooftop.cli import main
from session.codec import encode
from session.recording import Writer
from tests.events import header, ramp
from tests.processes import environment, rooftop
from tests.terminal import Terminal


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    made = Path(environment(tmp_path)["XDG_STATE_HOME"]) / "rooftop" / "recordings"
    made.mkdir(parents=True)
    return made


def record(path: Path, **changes: object) -> Path:
    path.write_bytes(encode(header(**changes)) + b"".join(encode(event) for event in ramp((1, 8))))
    return path


def test_the_list_for_scripts(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = record(folder / "a.rooftop")
    other = record(tmp_path / "b.rooftop", started_at="2026-11-20T05:00:00.000+00:00")
    (folder / "bad.rooftop").write_text("no")
    assert main(["sessions", "--format", "json", str(other)]) == 0
    found = {Path(one["path"]): one for one in json.loads(capsys.readouterr().out)}
    assert set(found) == {path, other, folder / "bad.rooftop"}
    told = found[path]
    assert (told["state"], told["levels"], told["gpu"], told["tp"]) == ("ended", 2, "NVIDIA H200", 1)
    assert told["peak_output_tok_s"] == pytest.approx(1600, rel=0.05)
    bad = found[folder / "bad.rooftop"]
    assert (bad["state"], bad["levels"]) == ("bad", None)
    assert "cut inside" in bad["problem"] or "not a rooftop recording" in bad["problem"]


def test_the_list_for_people(folder: Path, tmp_path: Path) -> None:
    record(folder / "a.rooftop")
    (folder / "\x1b[31mbad.rooftop").write_text("no")
    done = rooftop(tmp_path, "sessions")
    assert done.returncode == 0
    assert "Llama-3.1-8B" in done.stdout
    assert "bad.rooftop: this is not a rooftop recording" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


def test_large_ones_are_left_for_another_time(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    record(folder / "a.rooftop")
    monkeypatch.setattr("rooftop.sessions.BUDGET_S", -1.0)
    assert main(["sessions", "--format", "json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)[0]["state"] == "unread"
    assert "1 recordings were not read" in err
    assert main(["sessions", "--format", "json", "--wait"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["state"] == "ended"


def test_pruning_asks_and_never_takes_a_live_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = record(folder / "old.rooftop"), folder / "new.rooftop"
    (folder / "foreign.rooftop").write_text("somebody's")
    writer = Writer(new, header())
    assert main(["sessions", "--prune", "--keep", "0"]) == 2  # nobody is here to answer
    assert "say --yes" in capsys.readouterr().err
    assert old.exists()
    assert main(["sessions", "--prune", "--keep", "0", "--yes"]) == 0
    assert not old.exists()
    assert new.exists()
    assert (folder / "foreign.rooftop").exists()
    writer.close()
    assert main(["sessions", "--prune", "--keep", "0", "--yes"]) == 0
    assert new.exists()  # it changed just now and has no end: who knows
    assert "nothing to delete" in capsys.readouterr().out


def test_a_no_deletes_nothing(folder: Path, tmp_path: Path) -> None:
    path = record(folder / "a.rooftop")
    with Terminal(tmp_path, ["sessions", "--prune", "--keep", "0"], 80, 24) as screen:
        screen.wait_for("delete 1 of 1 recordings")
        screen.press("n\r")
        assert screen.wait_exit() == 1
    assert path.exists()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--prune"], "deletes by a bound"),
        (["--keep", "3"], "go with --prune"),
        (["--yes"], "go with --prune"),
        (["--prune", "--older", "30"], "is no age"),
        (["--prune", "--larger", "big"], "is no size"),
        (["/nowhere"], "no such folder"),
    ],
)
def test_wrong_use_is_one_line(words: list[str], why: str, capsys: pytest.CaptureFixture[str]) -> None:
    with contextlib.suppress(SystemExit):  # argparse's way
        assert main(["sessions", *words]) in (1, 2)
    assert why in capsys.readouterr().err


def test_no_recordings_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sessions", "--format", "text"]) == 0
    assert "no recordings yet" in capsys.readouterr().out


def test_a_recording_is_replayed_and_the_list_comes_back(folder: Path, tmp_path: Path) -> None:
    record(folder / "a.rooftop")
    with Terminal(tmp_path, ["sessions"], 100, 30) as screen:
        screen.wait_for("1.60k")
        screen.press("\r")
        screen.wait_for("REPLAY")
        screen.press("q")
        screen.wait_for("1 recording")
        screen.press("d")
        screen.wait_for("Delete this recording?")
        screen.press("y")
        screen.wait_for("no recordings yet")
        screen.press("q")
        assert screen.wait_exit() == 0
    assert list(folder.iterdir()) == []
