"""Whatever was looked at before, an instant looks the same."""

from __future__ import annotations

import gzip
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from hypothesis import given, settings
from hypothesis import strategies as st

from session.fold import State
from session.playback import ReplaySession
from session.recording import Reader
from session.view import Snapshot

H200 = Path(__file__).parents[1] / "data" / "recordings" / "h200-llama-3.1-8b-tp1.rooftop.gz"
DURATION_S = 77.0


@cache
def recording() -> Path:
    path = Path(mkdtemp()) / "h200.rooftop"
    path.write_bytes(gzip.decompress(H200.read_bytes()))
    return path


def told(snapshot: Snapshot) -> str:
    """All that a snapshot says, but for the age of a level's server figures: that is of when the level was judged."""
    levels = tuple(replace(level, server=replace(level.server, age_s=None)) for level in snapshot.levels)
    return repr(replace(snapshot, levels=levels))


@cache
def fresh(t_s: float) -> str:
    reader = Reader(recording())
    state = State(reader.header)
    state.apply_all(event for event in sorted(reader.poll(), key=lambda event: event.t_s) if event.t_s <= t_s)
    state.unread = reader.unread
    reader.close()
    return told(state.snapshot(t_s))


@settings(max_examples=6, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, int(DURATION_S)).map(float), min_size=2, max_size=5))
def test_the_snapshot_after_any_seeks_is_that_of_a_fresh_fold(seeks: list[float]) -> None:
    replay = ReplaySession(recording(), lambda: 0.0)
    replay.play_pause()
    for t_s in seeks:
        replay.seek(t_s)
        while (snapshot := replay.refresh()).reading is not None:
            pass  # a slice more
        same = told(snapshot) == fresh(replay.position_s)
        assert same, f"at {t_s} s after {seeks}"  # not the texts: their difference takes minutes to print
    replay.close()
