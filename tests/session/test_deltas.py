"""Checkpoints told by another one, and a writer that folds no more than its share of a core."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from session import saving
from session.checkpoints import delta_layout, layout
from session.codec import encode
from session.cursor import Points
from session.deltas import Base, Delta, applied, read
from session.events import Event, Note
from session.fold import State
from session.index import Index
from session.recording import Writer
from session.report import report
from session.saving import Saver
from tests.events import header, ramp

EVENTS = list(ramp((1, 8, 4, 16), hold_s=60.0))
MOST = 1 << 20

pieces = st.lists(st.binary(max_size=300), max_size=30)


@given(base=pieces, more=pieces, order=st.randoms(use_true_random=False))
@settings(deadline=None)
def test_bytes_come_back_whatever_they_share(base: list[bytes], more: list[bytes], order: object) -> None:
    both = base + more
    order.shuffle(both)  # type: ignore[attr-defined]
    before, after = b"".join(base), b"".join(both)
    delta = read(Base(3.0, before).delta(after))
    assert delta is not None
    assert delta.base_s == 3.0
    assert applied(delta, before, MOST) == after
    assert applied(delta, before + b"x", MOST) is None, "another base"
    assert not after or applied(delta, before, len(after) - 1) is None


def test_what_was_added_in_the_middle_is_nearly_all_that_is_told() -> None:
    before = random.Random(0).randbytes(200_000)
    after = before[:5] + b"here" + before[9:100_000] + b"and there" * 30 + before[100_000:-50]
    assert len(Base(0.0, before).delta(after)) < 3000


@pytest.mark.parametrize("part", [(0, 1 << 62), (-5, 3), (3, -5)])
def test_hostile_places_are_refused_or_harmless(part: tuple[int, int]) -> None:
    base = b"a" * 100
    check = Delta(0.0, read_check(base), [part] * 3)
    assert applied(check, base, MOST) in (None, b"", base * 3)
    assert read(b"\x93\xc0") is None


def read_check(base: bytes) -> int:
    delta = read(Base(0.0, base).delta(base))
    assert delta is not None
    return delta.base_check


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "EVERY_EVENTS", 100)
    monkeypatch.setattr(saving, "SHARE", 0)
    monkeypatch.setattr(saving, "BASE_S", 80.0)


def write(path: Path, *, failing: int | None = None) -> list[str]:
    """Write as the engine does; the checkpoint number ``failing`` is lost. Return the tags."""
    writer, saver, tags = Writer(path, header()), Saver(header()), []
    for event in EVENTS:
        line = encode(event)
        writer.append([line])
        saver.add(event, len(line))
        if (made := saver.due()) is not None:
            tags.append(made.tag)
            if len(tags) - 1 == failing:
                saver.lost()
            else:
                writer.checkpoint(*made)
    writer.close()
    return tags


@pytest.mark.usefixtures("often")
def test_every_checkpoint_is_what_the_events_before_it_come_to(tmp_path: Path) -> None:
    tags = write(tmp_path / "a.rooftop")
    assert {layout(), delta_layout()} == set(tags)
    assert tags.count(layout()) < len(tags) / 2
    index = Index.open(tmp_path / "a.rooftop")
    points, state = Points(index), State(header())
    state.apply_all(EVENTS)
    whole = report(state.snapshot())
    for t_s in (*index.checkpoint_times, *reversed(index.checkpoint_times)):
        found = points.before(t_s, -1.0)
        assert found is not None
        assert found[0].t_s == t_s
        found[0].apply_all(index.events(found[1]))
        assert report(found[0].snapshot()) == whole
    index.close()


@pytest.mark.usefixtures("often")
def test_after_one_that_was_not_written_comes_a_whole_one(tmp_path: Path) -> None:
    tags = write(tmp_path / "a.rooftop", failing=0)
    assert tags[:2] == [layout(), layout()]
    index = Index.open(tmp_path / "a.rooftop")
    found = Points(index).before(1e9, -1.0)
    assert found is not None
    assert found[0].t_s == index.checkpoint_times[-1]
    index.close()


@pytest.mark.usefixtures("often")
def test_those_of_a_damaged_one_are_left_alone_and_the_others_used(tmp_path: Path) -> None:
    path = tmp_path / "a.rooftop"
    tags = write(path)
    last = len(tags) - 1 - tags[::-1].index(layout())
    assert 0 < last < len(tags) - 1
    index = Index.open(path)
    data = bytearray(path.read_bytes())
    data[index._checkpoints[last][3].offset + 60] ^= 1
    path.write_bytes(data)
    times = index.checkpoint_times
    index.close()
    index = Index.open(path)
    found = Points(index).before(1e9, -1.0)
    assert found is not None
    assert found[0].t_s == times[last - 1]
    index.close()


class Costly:
    """A processor's clock under which every look costs so much."""

    def __init__(self, cost_s: float) -> None:
        self.now_s, self.cost_s = 0.0, cost_s

    def __call__(self) -> float:
        self.now_s += self.cost_s
        return self.now_s


def offered(saver: Saver, events: int, a_second: float, from_s: float = 0.0) -> list[float]:
    """Give events; return the instants of the checkpoints."""
    made = []
    for n in range(events):
        saver.add(Note(t_s=from_s + n / a_second, text="x" * 50), 100)
        if n % 50 == 0 and (point := saver.due()) is not None:
            made.append(point.t_s)
    return made


def test_a_burst_waits_for_a_quieter_time() -> None:
    clock = Costly(0.1)
    saver = Saver(header(), clock)
    assert len(offered(saver, 20_000, 10_000.0)) <= 1, "two seconds: what was saved is soon used up"
    assert clock.now_s < 3.0
    quiet = offered(saver, 40_000, 20.0, from_s=2.0)
    assert quiet
    assert saver._state is not None
    assert saver._state.t_s >= quiet[-1]


def test_folding_takes_no_more_than_its_share_of_a_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "MOST_WAITING", 2000)
    clock = Costly(0.1)
    saver = Saver(header(), clock)
    offered(saver, 100_000, 5000.0)
    assert clock.now_s <= 20.0 * saving.CORE_SHARE + saving.SAVED_S + 0.5
    assert saver._state is None
    assert saver._waiting == [], "given up: nothing is held"
    assert saver.last() is None


def test_a_checkpoint_holds_all_events_before_it() -> None:
    saver = Saver(header(), lambda: 0.0)
    events: list[Event] = [Note(t_s=n / 10, text=str(n)) for n in range(5000)]
    for n, event in enumerate(events):
        saver.add(event, 1000)
        if saver.due() is not None:
            assert saver._state is not None
            assert saver._state.kept.log[-1].text == str(n)
            return
    raise AssertionError("no checkpoint")
