from __future__ import annotations

import pytest

from session.marks import Mark
from tests.tui.clock import Clock
from tests.tui.fakes import FakeSession, FakeTape
from tests.tui.helpers import app_of, replay_of, shown
from tui.tape import FOLD_APART_S, REST_S, STEPS, Deck

MARKS = (
    Mark(10.0, "level", "1"),
    Mark(40.0, "level", "8"),
    Mark(55.0, "note", "caching \x1b[2Joff"),
    Mark(80.0, "level", "64"),
    Mark(90.0, "warning", "no metrics"),
    Mark(120.0, "error", "timeout"),
)
REPEAT_S = 1 / 30


def hold(deck: Deck, clock: Clock, direction: int, seconds: float) -> list[float]:
    """Hold an arrow; return where each repeat went to."""
    went = []
    for _ in range(round(seconds / REPEAT_S)):
        before = deck.position_s
        deck.wind(direction)
        went.append(deck.position_s - before)
        deck.settle()
        clock.now += REPEAT_S
    return went


def test_a_seek_stays_within_the_recording() -> None:
    tape = FakeTape(3.0)
    deck = Deck(tape)
    deck.move(-5)
    assert deck.position_s == 0
    deck.end()
    deck.move(5)
    deck.settle(force=True)
    assert tape.position_s == tape.duration_s


def test_speed_stays_within_reason() -> None:
    deck = Deck(FakeTape())
    assert "×32" in [deck.faster(2) or "" for _ in range(9)][-1]
    assert "×0.25" in [deck.faster(0.5) or "" for _ in range(12)][-1]


def test_an_arrow_that_is_held_goes_further_and_further() -> None:
    tape, clock = FakeTape(0.0), Clock()
    tape.duration_s = 1e6
    went = hold(Deck(tape, clock), clock, 1, 5.0)
    assert went == sorted(went)
    assert sorted(set(went)) == [1.0, 5.0, 15.0, 60.0]
    for (since_s, step), (until_s, _) in zip(STEPS, [*STEPS[1:], (5.0, 0.0)], strict=True):
        middle = round((since_s + until_s) / 2 / REPEAT_S)
        assert went[middle] == step


def test_single_presses_and_another_direction_begin_with_a_second() -> None:
    tape, clock = FakeTape(0.0), Clock()
    tape.duration_s = 1e6
    deck = Deck(tape, clock)
    hold(deck, clock, 1, 4.0)
    before = deck.position_s
    deck.wind(-1)
    assert deck.position_s == before - 1
    for _ in range(20):
        clock.now += 0.5
        before = deck.position_s
        deck.wind(-1)
        assert deck.position_s == before - 1


@pytest.mark.parametrize("took_s", [0.0, 0.2])
def test_a_held_key_moves_at_once_and_is_folded_now_and_then(took_s: float) -> None:
    clock = Clock()
    tape = CountingTape(0.0)
    deck = Deck(tape, clock)
    positions, held_s = [], 3.0
    for _ in range(round(held_s / REPEAT_S)):
        deck.wind(1)
        positions.append(deck.position_s)
        if deck.settle():
            clock.now += took_s
            deck.took(took_s)
        clock.now += REPEAT_S
    assert len(set(positions)) == len(positions), "every repeat is seen"
    assert 2 <= len(tape.seeks) <= 2 + held_s / max(FOLD_APART_S, took_s)
    assert len(tape.seeks) * took_s <= 0.25 * (clock.now - 100) + took_s, "most of the time is for keys"
    clock.now += REST_S
    deck.settle()
    assert tape.seeks[-1] == positions[-1], "the picture is of where the keys came to rest"
    assert not deck.settle()


class CountingTape(FakeTape):
    def __init__(self, position_s: float) -> None:
        super().__init__(position_s)
        self.duration_s = 1e6
        self.seeks: list[float] = []

    def seek(self, t_s: float) -> None:
        self.seeks.append(t_s)
        super().seek(t_s)


def test_levels_and_events_are_gone_through_both_ways() -> None:
    tape = FakeTape(0.0, MARKS)
    tape.playing = False
    deck = Deck(tape)
    went = []
    for step in (1, 1, 1, 1, -1, -1, -1):
        said = deck.next_level(step)
        went.append((deck.position_s, said))
    assert [at for at, _ in went] == [10.0, 40.0, 80.0, 80.0, 40.0, 10.0, 10.0]
    assert "load 8  (2 of 3)" in went[1][1]
    assert "no level after 1:20" in went[3][1]
    assert "no level before 0:10" in went[6][1]
    said = deck.next_event(1)
    assert (deck.position_s, said) == (55.0, "0:55  note caching off  (1 of 3)")
    deck.next_event(1)
    deck.next_event(1)
    assert deck.position_s == 120.0
    assert "no note or event after" in deck.next_event(1)
    deck.next_event(-1)
    assert deck.position_s == 90.0


def test_while_it_plays_one_can_go_back_past_a_level_that_has_just_begun() -> None:
    tape = FakeTape(41.0, MARKS)
    deck = Deck(tape)
    deck.next_level(-1)
    assert deck.position_s == 10.0
    tape = FakeTape(70.0, MARKS)
    deck = Deck(tape)
    deck.next_level(-1)
    assert deck.position_s == 40.0


@pytest.mark.parametrize(
    ("key", "position"),
    [
        ("left", 59), ("h", 59), ("right", 61), ("l", 61), ("shift+left", 30), ("H", 30),
        ("shift+right", 90), ("L", 90),
        ("home", 0), ("end", 185), ("left_curly_bracket", 40), ("right_curly_bracket", 80), ("N", 55), ("n", 90),
    ],
)  # fmt: skip
async def test_replay_keys_seek(key: str, position: float) -> None:
    tape = FakeTape(60.0, MARKS)
    app = replay_of(tape)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(key)
        assert tape.position_s == position


async def test_replay_plays_pauses_and_changes_speed() -> None:
    tape = FakeTape()
    app = replay_of(tape)
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("space", "full_stop", "full_stop", "comma")
        assert not tape.playing
        assert tape.speed == 2
        assert "‖ 1:00 / 3:05 ×2" in shown(app, "header")
        assert "REPLAY" in shown(app, "header")
        await pilot.press("p")
        assert tape.playing


async def test_a_held_key_moves_the_line_at_once_and_reads_now_and_then() -> None:
    tape, clock = FakeTape(60.0, MARKS), Clock()
    session = FakeSession(transport=tape)
    app = app_of(session, clock=clock)
    async with app.run_test(size=(160, 45)) as pilot:
        reads = session.reads
        for n in range(1, 11):
            await pilot.press("right")
            assert f"1:{n:02d} ━" in shown(app, "progress")
            assert f"1:{n:02d} / 3:05" in shown(app, "header")
            clock.now += 0.01
        assert session.reads == reads + 1
        assert tape.position_s == 61.0
        clock.now += REST_S
        app.tick()
        assert session.reads == reads + 2
        assert tape.position_s == 70.0


async def test_a_frozen_picture_thaws_when_one_seeks() -> None:
    app = replay_of(FakeTape())
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("f")
        assert "FROZEN" in shown(app, "header")
        await pilot.press("left")
        assert "FROZEN" not in shown(app, "header")
