"""Which loads meet the user's bounds."""

from __future__ import annotations

from session.events import End, Event, Level, Request, Tick
from session.fold import State
from session.slo import good_share, slo_of
from session.view import Snapshot
from tests.events import header

SLO = {"ttft": 0.5}


def session(*loads: tuple[int, int, int, int], slo: dict[str, float] = SLO) -> Snapshot:
    """Levels of 20 s: in flight, and how many of its requests are good, late and failed."""
    events: list[Event] = []
    for at, (concurrency, good, late, failed) in enumerate(loads):
        begin_s = 20.0 * at
        events.append(Level(t_s=begin_s, concurrency=concurrency))
        events += [Tick(t_s=begin_s + n / 4, dt_s=0.25, in_flight=1) for n in range(1, 80)]
        kinds = [*["good"] * good, *["late"] * late, *["failed"] * failed]
        for n, kind in enumerate(kinds):
            t_s = begin_s + 1 + 18 * (n + 1) / len(kinds)
            events.append(Request(
                t_s=t_s, start_s=t_s - 0.9, ttft_s=0.6 if kind == "late" else 0.1, last_s=0.9, output_tokens=5,
                level=at + 1, error="reset" if kind == "failed" else None,
            ))  # fmt: skip
    state = State(header(slo=slo, warmup_s=0.0))
    state.apply_all(sorted(events, key=lambda event: event.t_s))
    state.apply(End(t_s=20.0 * len(loads), reason="done"))
    return state.snapshot()


def lines(snapshot: Snapshot, share: float = 0.95) -> tuple[str, ...]:
    found = slo_of(snapshot, share)
    assert found is not None
    return found.lines


def test_the_highest_load_that_meets_the_bounds_is_named() -> None:
    snapshot = session((1, 100, 0, 0), (8, 97, 3, 0), (64, 40, 60, 0))
    assert lines(snapshot) == (
        "SLO ttft 500 ms for 95 % of requests: met up to concurrency 8 (97.0 % good), not at 64 (40.0 % good)",
    )
    assert "met up to concurrency 1 " in lines(snapshot, 0.99)[0]
    assert "met up to concurrency 64 (40.0 % good), the highest measured" in lines(snapshot, 0.4)[0]


def test_a_load_above_one_that_fails_is_not_within_reach() -> None:
    found = slo_of(session((1, 10, 0, 0), (8, 0, 10, 0), (64, 10, 0, 0)))
    assert found is not None
    (reach,) = found.reaches
    assert reach.highest is not None
    assert reach.highest.amount == 1
    assert [load.met for load in reach.loads] == [True, False, True]


def test_of_repeats_the_worst_counts() -> None:
    assert "at no load, not at 4 (50.0 % good)" in lines(session((4, 10, 0, 0), (4, 5, 5, 0)))[0]


def test_what_failed_met_nothing() -> None:
    snapshot = session((4, 90, 0, 10))
    assert snapshot.levels[0].goodput is not None
    assert snapshot.levels[0].goodput.share == 1.0, "goodput is of those that finished"
    assert good_share(snapshot.levels[0]) == 0.9
    assert "at no load, not at 4 (90.0 % good)" in lines(snapshot)[0]
    assert good_share(session((4, 0, 0, 10)).levels[0]) == 0.0


def test_a_level_of_which_nothing_is_known_is_no_failure() -> None:
    snapshot = session((1, 10, 0, 0), (8, 0, 0, 0))
    assert good_share(snapshot.levels[1]) is None
    assert lines(snapshot)[0].endswith("met up to concurrency 1 (100.0 % good), unknown at 8")
    assert lines(session((8, 0, 0, 0)))[0].endswith(": cannot tell")


def test_a_share_is_never_rounded_up_to_the_bound() -> None:
    assert "not at 1 (94.9 % good)" in lines(session((1, 1899, 101, 0)))[0], "94.95 %"


def test_without_bounds_there_is_no_result() -> None:
    assert slo_of(session((1, 10, 0, 0), slo={})) is None
    assert lines(session()) == ("SLO ttft 500 ms: no level to judge",)
