"""What a level says of how far it can be trusted, on sessions whose truth is known."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from session.codec import encode
from session.events import End, Event, Level, Request, Tick
from session.fold import State
from session.gaps import bucket_of
from session.level_figures import figures_of
from session.playback import fold_file
from session.report import report
from session.view import LevelView, Trust, mark_of
from tests.events import header
from tests.session import made


def fold(events: Sequence[Event], **head: object) -> State:
    state = State(header(**head))
    state.apply_all(events)
    return state


def only(events: Sequence[Event], **head: object) -> tuple[LevelView, Trust]:
    last_s = events[-1].t_s
    (level,) = fold([*events, End(t_s=last_s, reason="done")], **head).snapshot().levels
    assert level.trust is not None
    return level, level.trust


def test_a_steady_level_says_so_and_leaves_its_warm_up_out() -> None:
    events = made.level(0.0, 20.0, lambda t: 300 if t < 1.4 else 1000, ttft_s=lambda t: 0.9 if t < 0.5 else 0.1)
    level, trust = only(events)
    assert trust.warmup_s == pytest.approx(1.45, abs=0.06), "until each of ten slots has finished one"
    assert trust.steady is True
    assert mark_of(trust) is None
    assert level.rates.output_tok_s == pytest.approx(1000, rel=0.01)
    assert level.whole.output_tok_s == pytest.approx((300 * 1.4 + 1000 * 18.6) / 20, rel=0.01)
    assert level.latencies.ttft.p99 == pytest.approx(0.1), "the opening burst's are left out"
    assert trust.output_error == pytest.approx(0, abs=0.01)


def test_a_rising_level_is_not_steady_and_has_no_interval() -> None:
    _, trust = only(made.level(0.0, 20.0, lambda t: 800 + 20 * t))
    assert trust.steady is False
    assert trust.reason == "throughput rose by 35 % over the level"
    assert trust.trend == pytest.approx(0.35, abs=0.02)
    assert trust.output_ci is None
    assert mark_of(trust) == "unsteady"


def test_a_falling_level_is_said_to_fall() -> None:
    _, trust = only(made.level(0.0, 20.0, lambda t: 1200 - 20 * t))
    assert trust.steady is False
    assert "fell by" in trust.reason


def test_a_slow_oscillation_is_variance() -> None:
    _, trust = only(made.level(0.0, 24.0, lambda t: 1000 + 300 * math.sin(t * 2 * math.pi / 6)))
    assert trust.steady is False
    assert "varied by" in trust.reason
    assert trust.variation is not None
    assert trust.variation > 0.15


def test_requests_in_step_with_each_other_are_no_oscillation() -> None:
    """A closed loop of equal lengths prefills all at once and decodes all at once, every stay anew."""
    _, trust = only(made.level(0.0, 30.0, lambda t: 0 if t % 2.0 < 0.5 else 1200, stay_s=2.0))
    assert trust.steady is True
    assert trust.window_s == pytest.approx(2.0)
    assert trust.variation is not None
    assert trust.variation < 0.1


def test_noise_is_in_the_interval() -> None:
    rng = random.Random(3)
    noise = [rng.gauss(1000, 60) for _ in range(200)]
    level, trust = only(made.level(0.0, 40.0, lambda t: noise[int(t)]))
    assert trust.steady is True
    assert trust.output_ci is not None
    low, high = trust.output_ci
    assert low < 1000 < high
    assert low < (level.rates.output_tok_s or 0) < high
    assert 0.01 < (trust.output_error or 0) < 0.05


def test_too_short_to_tell_says_how_long_to_hold() -> None:
    _, trust = only(made.level(0.0, 5.0, lambda _: 1000))
    assert (trust.short, trust.steady, trust.output_ci) == (False, None, None)
    assert trust.reason.endswith("hold it 8 s or longer")
    assert mark_of(trust) == "unknown"
    _, longer = only(made.level(0.0, 8.0, lambda _: 1000))
    assert longer.steady is True, "the advice holds"


def test_a_level_without_a_steady_part_shows_the_whole_and_says_so() -> None:
    level, trust = only(made.level(0.0, 3.0, lambda t: 500 if t < 1.5 else 1500, stay_s=2.0))
    assert trust.short
    assert trust.warmup_s == 0
    assert mark_of(trust) == "short"
    assert level.rates.output_tok_s == level.whole.output_tok_s == pytest.approx(1000)
    assert "hold it" in trust.reason


def test_nothing_answered_is_short_and_has_no_figures() -> None:
    ticks = [Tick(t_s=i / 4, dt_s=0.25, in_flight=4) for i in range(1, 40)]
    level, trust = only([Level(t_s=0.0, concurrency=4), *ticks])
    assert trust.short
    assert trust.output_ci is None
    assert level.latencies.ttft.p50_ci is None


def test_before_the_first_tick_nothing_is_said() -> None:
    snapshot = fold([Level(t_s=0.0, concurrency=4)]).snapshot(3.0)
    assert snapshot.level is not None
    assert snapshot.level.trust is None
    assert report(snapshot)["levels"][0]["steady"] is None


def test_failed_requests_do_not_end_the_warm_up() -> None:
    failed = [Request(t_s=0.2 + i / 100, start_s=0.1 + i / 100, error="http_429") for i in range(50)]
    events = sorted([*made.level(0.0, 10.0, lambda _: 1000), *failed], key=lambda event: event.t_s)
    assert only(events)[1].warmup_s == pytest.approx(1.45, abs=0.06)


def test_what_is_left_of_a_higher_load_is_warm_up() -> None:
    """From 40 in flight down to 10: the 30 too many end first, and then the ten have one stay more."""
    before = made.level(0.0, 4.0, lambda _: 4000, concurrency=40, stay_s=1.0)
    left = [
        Request(t_s=4.0 + i / 20, start_s=3.5, ttft_s=0.1, last_s=0.5 + i / 20, output_tokens=100, level=1)
        for i in range(30)
    ]
    lowered: list[Event] = [Level(t_s=4.0, concurrency=10)]
    lowered += made.level(5.5, 14.5, lambda _: 1000, number=2)[1:]
    drain = [
        Tick(t_s=4.0 + i / 4, dt_s=0.25, in_flight=40 - 5 * i, output_tokens=900, itl={bucket_of(0.01): 900})
        for i in range(1, 7)
    ]
    events = sorted([*before, *left, *lowered, *drain], key=lambda event: event.t_s)
    second = fold([*events, End(t_s=20.0, reason="done")]).snapshot().levels[1]
    assert second.trust is not None
    assert second.trust.warmup_s == pytest.approx(1.5 + 1.45, abs=0.06)
    assert second.rates.output_tok_s == pytest.approx(1000, rel=0.01)
    assert (second.whole.output_tok_s or 0) > 1150


def open_level(
    rate: float, seconds: float, stay_s: float, in_flight: Callable[[float], int], seed: int = 0
) -> list[Event]:
    """Poisson arrivals, each answered within ``stay_s``; ticks hold what they produce."""
    rng, t_s = random.Random(seed), 0.0
    events: list[Event] = [Level(t_s=0.0, concurrency=0, mode="open", rate=rate)]
    ends: list[float] = []
    while (t_s := t_s + rng.expovariate(rate)) < seconds:
        end_s = t_s + stay_s
        ends.append(end_s)
        events.append(
            Request(t_s=end_s, start_s=t_s, ttft_s=0.05, last_s=stay_s, prompt_tokens=5, output_tokens=50, level=1)
        )
    for n in range(int(seconds * 4)):
        tokens = sum(50 for end_s in ends if n / 4 <= end_s < (n + 1) / 4)
        itl = {bucket_of(0.01): tokens} if tokens else {}
        events.append(Tick(t_s=(n + 1) / 4, dt_s=0.25, in_flight=in_flight(n / 4), output_tokens=tokens, itl=itl))
    return sorted((event for event in events if event.t_s <= seconds), key=lambda event: event.t_s)


def test_the_noise_of_poisson_arrivals_is_no_unsteadiness() -> None:
    verdicts = [only(open_level(8.0, 30.0, 0.4, lambda _: 3, seed))[1].steady for seed in range(40)]
    assert verdicts.count(True) >= 36


def test_a_growing_queue_is_not_steady_though_throughput_is() -> None:
    _, trust = only(open_level(20.0, 30.0, 0.4, lambda t: int(2 + 4 * t)))
    assert trust.steady is False
    assert trust.reason.startswith("requests in flight rose by")


def test_a_load_far_beyond_the_server_never_gets_steady() -> None:
    _, trust = only(open_level(5.0, 20.0, 0.4, lambda t: int(5 + 20 * t)))
    assert trust.short
    assert "requests pile up: hold it" in trust.reason


def test_a_warm_up_set_by_hand_holds_for_each_level() -> None:
    events = [
        *made.level(0.0, 15.0, lambda t: 300 if t < 5 else 1000),
        *made.level(15.0, 15.0, lambda t: 600 if t < 5 else 2000, number=2),
        End(t_s=30.0, reason="done"),
    ]
    levels = fold(events, warmup_s=5.0).snapshot().levels
    assert [level.trust.warmup_s for level in levels if level.trust] == [5.0, 5.0]
    assert [level.rates.output_tok_s for level in levels] == pytest.approx([1000, 2000], rel=0.01)
    unset = fold(events, warmup_s=0.0).snapshot().levels[0]
    assert unset.rates.output_tok_s == unset.whole.output_tok_s


def uneven(number: int = 1) -> list[Event]:
    """True throughput is 1000 tokens/s; the ticks take chunks for five times too much and put it right in lumps."""
    events = made.level(0.0, 12.0, lambda _: 1000, number=number)
    lumpy: list[Event] = []
    for n, event in enumerate(events):
        if isinstance(event, Tick):
            wrong = 5 * event.output_tokens if n % 32 < 24 else -10 * event.output_tokens
            event = Tick(t_s=event.t_s, dt_s=0.25, in_flight=10, output_tokens=wrong, itl=event.itl)
        lumpy.append(event)
    return [*lumpy, *(cut_off(11.0 + slot / 20) for slot in range(1, 10))]


def cut_off(start_s: float) -> Request:
    """What was in flight when the session ended, with the tokens that it had."""
    tokens = round(made.OUTPUT * (12.0 - start_s))
    return Request(
        t_s=12.0, start_s=start_s, ttft_s=0.1, last_s=12.0 - start_s, output_tokens=tokens, error="cancelled", level=1
    )


def test_where_chunks_hold_now_one_token_and_now_several_requests_tell_what_came_when() -> None:
    level, trust = only(uneven())
    assert level.rates.output_tok_s == pytest.approx(1000, rel=0.02)
    assert trust.steady is True


def test_until_all_requests_of_a_level_have_ended_its_ticks_count() -> None:
    state = fold([*uneven()[:-9], Level(t_s=12.0, concurrency=1)])
    for slot in range(10):
        assert not state.kept.book.levels[0].arrived.by_requests, "some are still in flight"
        state.apply(Request(t_s=12.5 + slot / 20, start_s=11.5, ttft_s=0.1, last_s=1.0 + slot / 20, output_tokens=100))
    assert state.kept.book.levels[0].arrived.by_requests
    assert figures_of(state.kept.book.levels[0]).rates.output_tok_s == pytest.approx(1000, rel=0.1)


def test_tokens_of_a_request_count_in_each_level_that_it_saw() -> None:
    request = Request(t_s=6.0, start_s=2.0, ttft_s=0.0, last_s=4.0, output_tokens=400, level=1)
    state = fold([Level(t_s=0.0, concurrency=1), Level(t_s=4.0, concurrency=2), request])
    parts = [level.arrived._output.between(0.0, 99.0) for level in state.kept.book.levels]
    assert parts == pytest.approx([200, 200])


def test_sums_over_levels_are_those_of_the_session_whatever_the_warm_up() -> None:
    events = [
        *made.level(0.0, 6.0, lambda _: 1000),
        *made.level(6.0, 6.0, lambda _: 2000, concurrency=20, number=2),
        End(t_s=12.0, reason="done"),
    ]
    for head in ({}, {"warmup_s": 2.0}):
        snapshot = fold(events, **head).snapshot()
        assert sum(level.output_tokens for level in snapshot.levels) == snapshot.output_tokens
        assert sum(level.requests for level in snapshot.levels) == snapshot.requests


def closed_loop(seed: int) -> tuple[list[Event], float]:
    """Sixteen slots, a token every 10 ms, random TTFTs and lengths; a slot's long run is mean tokens over mean stay."""
    rng, starts = random.Random(seed), []
    for _ in range(16):
        t_s = 0.0
        while t_s < 10.0:
            ttft_s, tokens = rng.expovariate(10), rng.randint(50, 150)
            starts.append((t_s, ttft_s, tokens))
            t_s += ttft_s + (tokens - 1) * 0.01
    load = Level(t_s=0.0, concurrency=16)
    return made.streams(10.0, iter(starts), load=load, in_flight=16), 16 * 100 / (0.1 + 0.99)


def open_loop(seed: int) -> tuple[list[Event], float]:
    """Twenty requests a second at random, of 20 to 80 tokens: in the long run 1000 tokens/s."""
    rng, t_s, starts = random.Random(seed), 0.0, []
    while (t_s := t_s + rng.expovariate(20)) < 15.0:
        starts.append((t_s, 0.05, rng.randint(20, 80)))
    load = Level(t_s=0.0, concurrency=0, mode="open", rate=20.0)
    return made.streams(15.0, iter(starts), load=load, in_flight=10), 1000.0


@pytest.mark.parametrize("session", [closed_loop, open_loop])
def test_a_levels_interval_covers_the_long_run(session: Callable[[int], tuple[list[Event], float]]) -> None:
    found = []
    for seed in range(150):
        events, truth = session(seed)
        found.append((only(events)[1], truth))
    known = [trust.output_ci[0] <= truth <= trust.output_ci[1] for trust, truth in found if trust.output_ci]
    assert len(known) > 140
    assert 0.90 <= sum(known) / len(known) <= 0.99
    assert sum(trust.steady is True for trust, _ in found) / len(found) > 0.95, "and hardly any is called unsteady"


def figures(state: State) -> object:
    return report(state.snapshot())["levels"]


def test_a_live_fold_and_a_replay_say_the_same(tmp_path: Path) -> None:
    rng = random.Random(9)
    noise = [rng.gauss(1000, 40) for _ in range(100)]
    events: list[Event] = [
        *made.level(0.0, 12.0, lambda t: noise[int(t)], workers=2),
        *made.level(12.0, 12.0, lambda t: 2 * noise[int(t)], concurrency=20, workers=2, number=2),
        End(t_s=24.0, reason="done"),
    ]
    live = State(header())
    for event in events:
        live.apply(event)
        live.snapshot(event.t_s + 0.1)
    path = tmp_path / "a.rooftop"
    path.write_bytes(b"".join(encode(line) for line in (header(), *events)))
    assert figures(live) == figures(fold_file(path))


def test_ticks_that_come_late_change_nothing() -> None:
    events = [*made.level(0.0, 12.0, lambda _: 1000), *made.level(12.0, 12.0, lambda _: 2000, number=2)]
    late = sorted(events, key=lambda event: event.t_s + (0.3 if isinstance(event, Tick) else 0.0))
    assert figures(fold(late)) == figures(fold(events))


def test_the_report_states_it() -> None:
    rng = random.Random(2)
    noise = [rng.gauss(1000, 30) for _ in range(100)]
    state = fold([*made.level(0.0, 20.0, lambda t: noise[int(t)]), End(t_s=20.0, reason="done")])
    (level,) = report(state.snapshot())["levels"]
    low, high = level["output_tok_s_ci95"]
    assert low < level["output_tok_s"] < high
    assert level["warmup_s"] == pytest.approx(1.45, abs=0.06)
    assert (level["short"], level["steady"]) == (False, True)
    assert "varied by" in level["steady_reason"]
    assert level["windows"] == 18
    assert level["whole"].keys() == {"output_tok_s", "total_tok_s", "requests_s"}
    assert level["ttft_ms"]["p50_ci95"] == [100.0, 100.0]
    assert len(level["tpot_ms"]["p50_ci95"]) == 2
    assert "p50_ci95" not in level["itl_ms"], "gaps of one request are not independent"


@pytest.mark.parametrize("silent_from_s", [0.5, 1.45, 2.0, 4.0])
def test_a_level_whose_ticks_end_early_is_judged_by_what_was_seen(silent_from_s: float) -> None:
    events = [
        event
        for event in made.level(0.0, 20.0, lambda _: 1000)
        if not isinstance(event, Tick) or event.t_s <= silent_from_s
    ]
    level, trust = only(events)
    assert level.rates.output_tok_s == pytest.approx(1000, rel=0.01)
    assert trust.short == (silent_from_s < 3.45)
    assert trust.steady is None


@pytest.mark.parametrize("stay_s", [0.0, 1e-300, 1e300, -5.0])
def test_a_hostile_recording_does_no_harm(stay_s: float) -> None:
    requests = [
        Request(t_s=1.0 + i, start_s=0.5 + i, ttft_s=0.0, last_s=stay_s, output_tokens=10**9, level=1) for i in range(9)
    ]
    ticks = [Tick(t_s=1.0 + i, dt_s=1e-9, in_flight=-3, output_tokens=-(10**12)) for i in range(9)]
    events: list[Event] = [Level(t_s=0.0, concurrency=1), *requests, *ticks]
    state = fold(
        [*sorted(events, key=lambda event: event.t_s), Tick(t_s=1e300, dt_s=1e300), End(t_s=1e300, reason="done")]
    )
    assert report(state.snapshot())["levels"]
