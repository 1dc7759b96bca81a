"""The end of a recording from its last checkpoint: the same as from all its events."""

from __future__ import annotations

from pathlib import Path

import pytest

from session import whole
from session.checkpoints import dump, layout
from session.codec import encode
from session.fold import State
from session.recording import Reader, Writer
from session.report import report
from tests.results.recordings import real

NAME = "h200-llama-3.1-8b-tp4"


def with_checkpoints(folder: Path, *, tag: str | None = None, spoil: bool = False) -> Path:
    """Write a real recording anew with a checkpoint after every 200 events."""
    reader = Reader(real(NAME, folder))
    events, header = reader.poll(), reader.header
    reader.close()
    path = folder / "with.rooftop"
    writer = Writer(path, header)
    written = Reader(path)
    written.close()
    state = State(written.header)
    for start in range(0, len(events), 200):
        some = events[start : start + 200]
        writer.append([encode(event) for event in some])
        state.apply_all(some)
        if start + 200 < len(events):
            writer.checkpoint(state.t_s, tag or layout(), b"x" * 100 if spoil else dump(state))
    writer.close()
    return path


def folded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the events that are folded from now on."""
    counted = [0]
    apply = State.apply

    def counting(self: State, event: object) -> None:
        counted[0] += 1
        apply(self, event)  # type: ignore[arg-type]

    monkeypatch.setattr(State, "apply", counting)
    return counted


def test_a_long_one_is_taken_from_its_last_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = with_checkpoints(tmp_path)
    whole_report = report(whole.final_state(path).snapshot())
    monkeypatch.setattr(whole, "LONG_BYTES", 1000)
    counted = folded(monkeypatch)
    assert report(whole.final_state(path).snapshot()) == whole_report
    assert counted[0] <= 200
    assert report(whole.final_state(path, recount=True).snapshot()) == whole_report
    assert counted[0] > 1000


@pytest.mark.parametrize("spoilt", [{"tag": "another version"}, {"spoil": True}])
def test_one_that_cannot_be_read_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoilt: dict[str, object]
) -> None:
    monkeypatch.setattr(whole, "LONG_BYTES", 1000)
    path = with_checkpoints(tmp_path, **spoilt)  # type: ignore[arg-type]
    assert report(whole.final_state(path).snapshot()) == report(whole.final_state(path, recount=True).snapshot())


def test_damage_before_the_checkpoint_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = with_checkpoints(tmp_path)
    sound = report(whole.final_state(path).snapshot())
    data = bytearray(path.read_bytes())
    for at in range(len(data) // 3, len(data) // 3 + 40):
        data[at] ^= 0xFF
    path.write_bytes(data)
    monkeypatch.setattr(whole, "LONG_BYTES", 1000)
    state = whole.final_state(path)
    assert state.lost
    assert report(state.snapshot())["totals"] == sound["totals"], "the checkpoint has counted what is lost since"


def test_it_stops_when_it_is_asked_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "SLICE_S", -1.0)
    assert whole.from_checkpoint(with_checkpoints(tmp_path), lambda: True) is None
