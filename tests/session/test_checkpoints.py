from __future__ import annotations

import dataclasses
import gzip
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from session.checkpoints import TROUBLE, dump, layout, load
from session.codec import decode, decode_header
from session.events import End, Event, Header, Level, Note, Tick
from session.fold import State
from session.gpu_history import GpuHistoryView
from session.report import report
from session.view import Snapshot
from tests.events import header, ramp
from tests.session import made

FOLDER = Path(__file__).parents[1] / "data" / "recordings"
RECORDINGS = [
    "h200-llama-3.1-8b-tp1.rooftop.gz", "h200-llama-3.1-8b-tp4.rooftop.gz", "prompt-lengths/tp2-512.rooftop.gz",
]  # fmt: skip


@cache
def read(name: str) -> tuple[Header, tuple[Event, ...]]:
    first, *lines = gzip.decompress((FOLDER / name).read_bytes()).splitlines()
    return decode_header(first), tuple(event for line in lines if (event := decode(line)) is not None)


def plain(value: Any) -> Any:
    """All that a snapshot holds, as values that compare by what they say."""
    if isinstance(value, GpuHistoryView):
        return None  # in no checkpoint
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, msgspec.Struct):
        return msgspec.structs.asdict(value)
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value


@cache
def whole(name: str) -> tuple[object, object]:
    head, events = read(name)
    state = State(head)
    state.apply_all(events)
    return said(state.snapshot())


def said(snapshot: Snapshot) -> tuple[object, object]:
    return plain(snapshot), report(snapshot)


@pytest.mark.parametrize("name", RECORDINGS)
@given(share=st.floats(0, 1))
@settings(max_examples=12, deadline=None)
def test_on_from_a_checkpoint_is_as_from_the_start(name: str, share: float) -> None:
    head, events = read(name)
    cut = int(share * len(events))
    before = State(head)
    before.apply_all(events[:cut])
    after = load(dump(before), head)
    assert after is not None
    assert dump(after) == dump(before)
    assert said(after.snapshot()) == said(before.snapshot())
    on = load(dump(before), head)
    assert on is not None
    on.apply_all(events[cut:])
    assert said(on.snapshot()) == whole(name)


def test_a_checkpoint_of_another_session_or_layout_is_none() -> None:
    state = State(header())
    state.apply_all(ramp((1,), hold_s=3.0))
    assert load(dump(state), header(host="another")) is None
    named = msgspec.msgpack.decode(dump(state))
    assert load(msgspec.msgpack.encode({**named, "t_s": "soon"}), header()) is None
    assert load(msgspec.msgpack.encode({**named, "book": 3}), header()) is None
    assert load(b"", header()) is None


def test_the_tag_is_of_the_layout() -> None:
    assert layout() == layout()
    assert len(layout()) == 16


@cache
def _blob() -> bytes:
    state = State(header())
    state.apply_all(list(ramp((1, 4), hold_s=6.0))[:90])
    return dump(state)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_hostile_checkpoint_is_none_or_a_state_that_says_so(data: st.DataObject) -> None:
    blob = bytearray(_blob())
    for _ in range(data.draw(st.integers(1, 4))):
        blob[data.draw(st.integers(0, len(blob) - 1))] = data.draw(st.integers(0, 255))
    state = load(bytes(blob[: data.draw(st.integers(0, len(blob)))] if data.draw(st.booleans()) else blob), header())
    if state is not None:
        try:
            state.apply_all(list(ramp((1, 4), hold_s=6.0))[90:])
            state.snapshot()
        except TROUBLE:
            pass


def test_levels_that_are_long_over_keep_their_figures_and_little_else() -> None:
    events = [*made.level(0.0, 12.0, lambda _: 1000), *made.level(12.0, 12.0, lambda _: 2000, number=2)]
    state = State(header())
    state.apply_all(events)
    state.apply(Level(t_s=24.0, concurrency=0))
    state.apply(Tick(t_s=26.0, dt_s=0.25, in_flight=0))
    before, size = report(state.snapshot())["levels"], len(msgspec.msgpack.encode(state.kept.book))
    state.apply(Note(t_s=100.0, text="much later"))
    assert report(state.snapshot())["levels"] == before
    assert len(msgspec.msgpack.encode(state.kept.book)) < size / 2


def test_a_level_of_hours_stays_small() -> None:
    state = State(header())
    state.apply(Level(t_s=0.0, concurrency=10))
    sizes = []
    for hour in range(6):
        for event in made.level(hour * 3600.0, 3600.0, lambda _: 1000, concurrency=3)[1:]:
            state.apply(event)
        sizes.append(len(dump(state)))
    assert state.kept.requests > 60_000
    assert sizes[-1] < 600_000
    assert sizes[-1] - sizes[-2] < 10_000, "the chart keeps four hours, and nothing else grows"


def test_marks_are_levels_and_notes() -> None:
    state = State(header())
    state.apply_all([*ramp((1, 4), hold_s=3.0), End(t_s=99.0, reason="done")])
    marks = state.kept.marks.all
    assert [mark.text for mark in marks if mark.kind == "level"] == ["1", "4", "0"]
    assert [mark.text for mark in marks if mark.kind == "note"] == ["the end"]
    assert [mark.t_s for mark in marks] == sorted(mark.t_s for mark in marks)
