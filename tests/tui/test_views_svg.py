"""Requests and GPUs as they look, from sessions that were recorded on H200s."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from session.fold import State
from session.recording import Reader
from session.view import Snapshot
from tests.tui import sessions
from tests.tui.fakes import FakeSession, FakeTape
from tests.tui.helpers import app_of

Compare = Callable[..., bool]
SIZES = {"160x45": (160, 45), "80x24": (80, 24)}
RECORDINGS = Path(__file__).parents[1] / "data" / "recordings"
AT_S = {1: 70.0, 4: 39.0}


@cache
def recorded(tp: int) -> Snapshot:
    """The session at tensor parallelism 1 or 4, towards its end."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "recording.rooftop"
        path.write_bytes(gzip.decompress((RECORDINGS / f"h200-llama-3.1-8b-tp{tp}.rooftop.gz").read_bytes()))
        reader = Reader(path)
        state = State(reader.header)
        state.apply_all(event for event in reader.poll() if event.t_s <= AT_S[tp])
        reader.close()
    return state.snapshot(AT_S[tp])


@pytest.mark.parametrize("theme", ["rooftop-dark", "rooftop-light"])
@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize("tp", [1, 4])
@pytest.mark.parametrize("key", ["2", "3"])
def test_recorded(snap_compare: Compare, key: str, tp: int, size: str, theme: str) -> None:
    app = app_of(FakeSession(recorded(tp), FakeTape(AT_S[tp])), theme=theme)
    assert snap_compare(app, terminal_size=SIZES[size], press=[key])


@pytest.mark.parametrize("size", list(SIZES))
def test_the_slowest_by_ttft(snap_compare: Compare, size: str) -> None:
    app = app_of(FakeSession(recorded(1), FakeTape(AT_S[1])))
    assert snap_compare(app, terminal_size=SIZES[size], press=["2", "s", "s"])


@pytest.mark.parametrize("size", list(SIZES))
def test_failures(snap_compare: Compare, size: str) -> None:
    app = app_of(FakeSession(sessions.of(sessions.served(errors=True))))
    assert snap_compare(app, terminal_size=SIZES[size], press=["2", "z", "z", "z"])


@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize("name", ["working", "lost", "partitioned", "uncounted"])
def test_other_gpus(snap_compare: Compare, name: str, size: str) -> None:
    app = app_of(FakeSession(sessions.of(getattr(sessions, name)())))
    assert snap_compare(app, terminal_size=SIZES[size], press=["3"])
