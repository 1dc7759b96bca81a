"""The live verdict's memory: what stands, what takes its place, and that replay shows what live showed."""

from __future__ import annotations

import gzip
import random
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from regime.evidence import Evidence
from regime.verdict import Verdict
from session.calm import Calm
from session.codec import decode, decode_header
from session.events import Event, Header
from session.fold import State
from tests.events import header, ramp
from tests.regime.rows import evidence_of, rows

RECORDINGS = Path(__file__).parents[1] / "data" / "recordings"
SMALL = evidence_of(rows(1)[3])


def window(dram: float, graphics: float = 1.0, **changes: object) -> Evidence:
    """A window without arithmetic to speak of: memory is ``dram`` over 0.85, latency what is left of ``graphics``."""
    gpu = replace(SMALL.gpus[0], dram=dram, tensor=0.03, graphics=graphics)
    return replace(SMALL, gpus=(gpu,), **changes)  # type: ignore[arg-type]


MEMORY = window(0.64)
BOTH = window(0.44, 1.0)
"""Memory 0.52, latency 0.48."""
OVERHEAD = window(0.05, 0.06)


def fed(*windows: Evidence) -> Calm:
    calm = Calm()
    for one in windows:
        calm.feed(one)
    return calm


def test_the_first_window_is_taken_as_it_is() -> None:
    assert fed(MEMORY).show(MEMORY).step == "memory"
    assert Calm().show(MEMORY).step == "memory"


def test_another_label_needs_three_windows_in_a_row() -> None:
    assert fed(MEMORY, BOTH, BOTH).show(BOTH).step == "memory"
    assert fed(MEMORY, BOTH, BOTH, MEMORY, BOTH, BOTH).show(BOTH).step == "memory"
    assert fed(MEMORY, BOTH, BOTH, BOTH).show(BOTH).step == "memory+latency"


def test_what_is_held_says_what_the_window_said() -> None:
    shown = fed(MEMORY, BOTH).show(BOTH)
    assert shown.step == "memory"
    assert shown.window == "memory+latency"
    assert shown.line.startswith("memory-bound: 52 %")
    assert shown.shares is not None
    assert shown.shares.latency == pytest.approx(0.482, abs=0.001)


def test_a_clear_lead_is_taken_at_once() -> None:
    assert fed(MEMORY, OVERHEAD).show(OVERHEAD).step == "overhead"


@pytest.mark.parametrize("fact", [window(0.0, 0.0, running=0.0, batch=None), replace(MEMORY, client_limited=True)])
def test_idle_and_cannot_tell_are_taken_and_left_at_once(fact: Evidence) -> None:
    calm = fed(MEMORY, fact)
    assert calm.show(fact).step in (None, "idle")
    assert calm.show(MEMORY).step == "memory"
    calm.feed(BOTH)
    assert calm.show(BOTH).step == "memory+latency", "nothing stood any more"


def test_the_batch_limiter_is_held_as_well() -> None:
    full = replace(MEMORY, waiting=5.0, kv_usage=0.95)
    assert fed(MEMORY).show(full).batch == "offered-load"
    assert fed(MEMORY, full, full).show(full).batch == "offered-load"
    assert fed(MEMORY, full, full, full).show(full).batch == "kv-capacity"
    assert fed(MEMORY, full).show(full).advice == fed(MEMORY).show(MEMORY).advice, "advice follows what stands"


def test_work_that_begins_is_never_limited_by_idleness() -> None:
    quiet = window(0.0, 0.0, running=0.0, batch=None)
    assert fed(quiet).show(MEMORY).batch == "offered-load"
    assert fed(MEMORY).show(quiet).batch == "idle"


def test_the_numbers_of_a_limit_that_stands_are_new() -> None:
    five, nine = (replace(MEMORY, waiting=n, kv_usage=0.95) for n in (5.0, 9.0))
    calm = fed(five)
    assert calm.show(five).batch_why == "KV cache 95 %, 5 wait"
    assert calm.show(nine).batch_why == "KV cache 95 %, 9 wait"


def test_showing_changes_nothing() -> None:
    calm = fed(MEMORY)
    for _ in range(10):
        calm.show(BOTH)
    assert calm.show(BOTH).step == "memory"


def real(tp: int) -> tuple[Header, list[Event]]:
    lines = gzip.decompress((RECORDINGS / f"h200-llama-3.1-8b-tp{tp}.rooftop.gz").read_bytes()).splitlines()
    return decode_header(lines[0]), [event for line in lines[1:] if (event := decode(line)) is not None]


def verdicts(head: Header, events: list[Event], looks: dict[int, list[float]]) -> list[tuple[object, ...]]:
    """What is said at whole multiples of 5 s, where the screen also looks after some events, ahead of them or not."""
    state, next_s = State(head), 5.0
    said: list[tuple[object, ...]] = []
    for number, event in enumerate(events):
        while event.t_s >= next_s:
            snapshot = state.snapshot(next_s)
            verdict = snapshot.verdict
            said.append((verdict.step, verdict.batch, verdict.line, verdict.confidence, verdict.modifiers))
            said.extend((level.verdict.step, level.verdict.batch_words) for level in snapshot.levels)
            next_s += 5.0
        state.apply(event)
        for ahead_s in looks.get(number, []):
            state.snapshot(event.t_s + ahead_s)
    return said


@pytest.mark.parametrize("tp", [1, 4])
def test_replay_shows_what_the_live_screen_showed(tp: int) -> None:
    head, events = real(tp)
    draw = random.Random(7)
    looks = {number: [draw.uniform(0.0, 0.9)] for number in draw.sample(range(len(events)), 150)}
    assert verdicts(head, events, looks) == verdicts(head, events, {})


def test_the_live_label_of_a_real_ramp_moves_from_memory_to_compute_without_flicker() -> None:
    head, events = real(1)
    state, labels = State(head), []
    for event in events:
        before = int(state.t_s)
        state.apply(event)
        if int(state.t_s) > before and state.snapshot().in_flight:
            labels.append(state.snapshot().verdict.step)
    settled = [label for label in labels[2:] if label is not None]
    changes = [b for a, b in pairwise(settled) if a != b]
    assert settled[0] == "memory"
    assert settled[-1] == "compute"
    assert len(changes) <= 4


def test_the_seconds_after_a_step_of_load_are_transient() -> None:
    """The load changes at 13 s."""

    def at(now_s: float) -> Verdict:
        state = State(header())
        state.apply_all(event for event in ramp((8, 64), hold_s=12.0) if event.t_s <= now_s)
        return state.snapshot(now_s).verdict

    for now_s in (13.5, 17.5):
        assert "transient" in at(now_s).modifiers
        assert "the load has just changed" in at(now_s).line
        assert at(now_s).advice is None
    assert "transient" not in at(18.5).modifiers
