"""What a long recording comes to, without folding all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from results import stream
from results.run import load
from results.stream import Stream
from session.fold import State
from session.report import report
from tests.session import test_saving


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("session.saving.EVERY_EVENTS", 200)
    monkeypatch.setattr("session.saving.SHARE", 0)
    return test_saving.write(tmp_path / "a.rooftop", test_saving.EVENTS)


def test_a_long_one_says_the_same_as_a_short_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = load(path)
    monkeypatch.setattr(stream, "is_long", lambda _: True)
    folded = [0]
    apply = State.apply

    def counted(self: State, event: object) -> None:
        folded[0] += 1
        apply(self, event)  # type: ignore[arg-type]

    monkeypatch.setattr(State, "apply", counted)
    long = load(path)
    assert report(long.snapshot) == report(short.snapshot)
    assert [level.sample for level in long.levels] == [level.sample for level in short.levels]
    assert 0 < folded[0] < len(test_saving.EVENTS) / 3
    with Stream(path) as events:
        assert list(events) == test_saving.EVENTS
