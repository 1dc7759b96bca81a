from __future__ import annotations

import pytest

from session.codec import decode, decode_header
from session.events import Event, Level, Request, Tick
from session.fold import State
from session.goodput import meets
from session.level_figures import figures_of
from session.report import report
from tests.events import header

SLO = {"ttft": 0.5, "tpot": 0.05, "e2e": 10.0}


def request(end_s: float, ttft_s: float | None, last_s: float | None, tokens: int = 11, **more: object) -> Request:
    start_s = end_s - (last_s or 0.0)
    return Request(t_s=end_s, start_s=start_s, ttft_s=ttft_s, last_s=last_s, output_tokens=tokens, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ttft_s", "last_s", "tokens", "slo", "good"),
    [
        (0.5, 1.0, 11, SLO, True),
        (0.51, 1.0, 11, SLO, False),
        (0.5, 1.01, 11, SLO, False),
        (0.5, 10.1, 1000, SLO, False),
        (0.5, 10.1, 1000, {"ttft": 0.5, "tpot": 0.05}, True),
        (0.4, 0.4, 1, SLO, True),
        (None, None, 0, SLO, False),
        (None, None, 0, {"tpot": 0.05}, True),
        (9.0, 99.0, 2, {}, True),
    ],
)
def test_a_good_request_meets_every_bound(
    ttft_s: float | None, last_s: float | None, tokens: int, slo: dict[str, float], good: bool
) -> None:
    assert meets(request(100.0, ttft_s, last_s, tokens), slo) is good


def session(slo: dict[str, float]) -> State:
    """Two levels of 10 s; in the first 3 of 4 are good, one of them after its end; in the second 1 of 2."""
    state = State(header(slo=slo, warmup_s=0.0))
    ticks = [Tick(t_s=i / 4, dt_s=0.25, in_flight=1) for i in range(1, 81)]
    events: list[Event] = [
        Level(t_s=0.0, concurrency=0, mode="open", rate=0.5),
        Level(t_s=10.0, concurrency=0, mode="open", rate=2.0),
        *ticks,
        *(request(t_s, 0.1, 0.5) for t_s in (2.0, 4.0)),
        request(6.0, 0.6, 1.0),
        request(10.1, 0.1, 0.5),
        request(12.0, 0.1, 0.5),
        request(14.0, 0.9, 1.2),
        Request(t_s=15.0, start_s=15.0, error="overflow"),
    ]
    state.apply_all(sorted(events, key=lambda event: event.t_s))
    return state


def test_goodput_is_a_share_and_a_rate() -> None:
    snapshot = session(SLO).snapshot(20.0)
    first, second = (level.goodput for level in snapshot.levels)
    assert first is not None
    assert second is not None
    assert [first.share, first.requests_s] == pytest.approx([0.75, 0.2])
    assert [second.share, second.requests_s] == pytest.approx([0.5, 0.1])
    assert snapshot.goodput is not None
    assert snapshot.goodput.share == pytest.approx(2 / 3), "of what ended since the level began"
    assert snapshot.goodput.requests_s == pytest.approx(0.2)
    assert snapshot.errors == {"overflow": 1}


def test_the_warm_up_is_left_out_of_the_goodput() -> None:
    """The first to finish is the warm-up: of the rest that started in the level one is good, one not."""
    state = session(SLO)
    warm = State(header(slo=SLO))
    warm.apply_all(
        [
            Level(t_s=0.0, concurrency=1),
            *(Tick(t_s=i / 4, dt_s=0.25, in_flight=1) for i in range(1, 8)),
            request(2.0, 0.9, 1.5),
            *(Tick(t_s=i / 4, dt_s=0.25, in_flight=1) for i in range(9, 41)),
            request(6.0, 0.6, 1.0),
            request(9.0, 0.1, 0.5),
        ]
    )
    for folded, expected in ((state, (0.75, 0.2)), (warm, (0.5, 0.125))):
        goodput = folded.snapshot(20.0 if folded is state else None).levels[0].goodput
        assert goodput is not None
        assert (goodput.share, goodput.requests_s) == pytest.approx(expected)


def test_goodput_is_reported_with_its_bounds() -> None:
    first = report(session({"ttft": 0.5}).snapshot(20.0))["levels"][0]
    assert first["goodput"] == {"share": 0.75, "requests_s": 0.2, "slo": {"ttft_ms": 500.0}}
    assert (first["mode"], first["rate"], first["concurrency"]) == ("open", 0.5, 0)


def test_without_bounds_there_is_no_goodput() -> None:
    snapshot = session({}).snapshot(20.0)
    assert snapshot.goodput is None
    assert [level["goodput"] for level in report(snapshot)["levels"]] == [None, None]


def test_nothing_finished_is_not_zero_percent() -> None:
    state = State(header(slo=SLO))
    state.apply_all([Level(t_s=0.0, concurrency=4), Tick(t_s=2.0, dt_s=0.25)])
    level = state.snapshot(5.0).level
    assert level is not None
    assert level.goodput is not None
    assert level.goodput.share is None


def test_open_levels_say_their_rate_and_pauses_resume_it() -> None:
    state = session({})
    snapshot = state.snapshot()
    assert (snapshot.mode, snapshot.rate_s, snapshot.amount, snapshot.concurrency) == ("open", 2.0, 2.0, 0)
    assert [level.amount for level in snapshot.levels] == [0.5, 2.0]
    state.apply(Level(t_s=21.0, concurrency=0, mode="open", rate=0.0, by="pause"))
    state.apply(Level(t_s=22.0, concurrency=8))
    paused, closed = (line.text for line in state.snapshot().log[-2:])
    assert paused == "rate 2/s → 0/s (pause)"
    assert closed == "rate 0/s → concurrency 8 (plan)"


def test_a_recording_from_before_open_loops_reads_as_it_did() -> None:
    state = State(
        decode_header(
            b'{"type":"header","format":1,"rooftop":"0.1.0","started_at":"","host":"h","target":"http://x",'
            b'"prompt_tokens":5,"output_tokens":5}'
        )
    )
    for line in (
        b'{"type":"level","t_s":0.0,"concurrency":4,"by":"key"}',
        b'{"type":"request","t_s":2.0,"start_s":1.0,"ttft_s":0.1,"last_s":1.0,"output_tokens":5}',
        b'{"type":"level","t_s":3.0,"concurrency":8}',
    ):
        event = decode(line)
        assert event is not None
        state.apply(event)
    snapshot = state.snapshot()
    assert (snapshot.mode, snapshot.rate_s, snapshot.amount, snapshot.goodput) == ("closed", None, 8, None)
    assert snapshot.levels[0].requests == 1
    level = report(snapshot)["levels"][0]
    assert (level["mode"], level["rate"], level["concurrency"], level["goodput"]) == ("closed", None, 4, None)
    assert snapshot.log[-1].text == "concurrency 4 → 8 (plan)"


def test_an_open_level_is_judged_by_what_was_in_flight() -> None:
    state = State(header())
    state.apply(Level(t_s=0.0, concurrency=0, mode="open", rate=100.0))
    state.apply_all(Tick(t_s=i / 4, dt_s=0.25, worker=w, in_flight=6) for i in range(1, 41) for w in (0, 1))
    assert figures_of(state.kept.book.levels[-1]).in_flight == 12
