from __future__ import annotations

import msgspec
import pytest

from session.checkpoints import dump, load
from session.events import Level, Note, Request, Tick
from session.finished import (
    BUCKETS_A_DOUBLING,
    KINDS_KEPT,
    LATEST_KEPT,
    SLOWEST_KEPT,
    Cloud,
    Finished,
    FinishedView,
    bucket_of,
    spread_of,
    value_of,
)
from session.fold import State
from tests.events import header, ramp

CLOSED = Level(t_s=0.0, concurrency=8)


def ended(t_s: float, e2e_s: float = 1.0, **more: object) -> Request:
    fields: dict[str, object] = {"start_s": t_s - e2e_s, "ttft_s": 0.1, "last_s": e2e_s, "output_tokens": 9}
    return Request(t_s=t_s, **(fields | more))  # type: ignore[arg-type]


def failed(t_s: float, error: str = "http", status: int | None = 500, detail: str | None = "boom") -> Request:
    return Request(t_s=t_s, start_s=t_s - 0.5, error=error, status=status, detail=detail)


def test_the_latest_are_kept_in_order_and_bounded() -> None:
    room = Finished()
    for n in range(3 * LATEST_KEPT):
        room.request(ended(float(n + 1)), 1, CLOSED)
    assert [x.request.t_s for x in FinishedView.of(room).latest] == [
        float(n + 1) for n in range(2 * LATEST_KEPT, 3 * LATEST_KEPT)
    ]
    assert len(room.latest) < 2 * LATEST_KEPT
    assert room.latest[-1].load == "8"


def test_a_view_stays_as_it_was() -> None:
    room = Finished()
    room.request(ended(1.0), 1, CLOSED)
    view = FinishedView.of(room)
    room.request(ended(2.0), 1, CLOSED)
    assert (len(view.latest), len(FinishedView.of(room).latest)) == (1, 2)


def test_the_slowest_are_those_of_the_newest_level() -> None:
    room = Finished()
    for n in range(2 * SLOWEST_KEPT):
        room.request(ended(100.0 + n, e2e_s=(n * 37) % (2 * SLOWEST_KEPT) + 1.0, ttft_s=n / 1000), 1, CLOSED)
    view = FinishedView.of(room)
    assert [x.request.last_s for x in view.slowest_e2e] == [float(n) for n in range(2 * SLOWEST_KEPT, SLOWEST_KEPT, -1)]
    assert view.slowest_ttft[0].request.ttft_s == pytest.approx((2 * SLOWEST_KEPT - 1) / 1000)
    room.request(ended(400.0, e2e_s=0.2), 2, CLOSED)
    room.request(ended(401.0, e2e_s=50.0), 1, CLOSED)
    view = FinishedView.of(room)
    assert (view.level, [x.request.last_s for x in view.slowest_e2e]) == (2, [0.2])


def test_errors_are_told_apart_by_kind_and_status_with_the_last_text() -> None:
    room = Finished()
    for n in range(3):
        room.request(failed(1.0 + n, detail=f"boom {n}"), 1, CLOSED)
    room.request(failed(9.0, "http", 429, None), 1, CLOSED)
    room.request(failed(10.0, "cancelled", None), 1, CLOSED)
    kinds = FinishedView.of(room).kinds
    assert [(k.kind, k.status, k.count, k.first_s, k.last_s, k.detail) for k in kinds] == [
        ("http", 500, 3, 1.0, 3.0, "boom 2"),
        ("http", 429, 1, 9.0, 9.0, None),
    ]
    assert len(room.latest) == 5, "a cancelled request is listed, but no error"


def test_a_flood_of_kinds_is_bounded_and_counted() -> None:
    room = Finished()
    for n in range(10 * KINDS_KEPT):
        room.request(failed(1.0, f"kind {n}", None), 1, CLOSED)
    kinds = FinishedView.of(room).kinds
    assert len(kinds) <= KINDS_KEPT + 1
    assert sum(kind.count for kind in kinds) == 10 * KINDS_KEPT
    assert kinds[0].kind == "other"


@pytest.mark.parametrize("value_s", [0.0002, 0.012, 1.0, 300.0])
def test_a_dot_is_within_a_bucket_of_its_latency(value_s: float) -> None:
    assert value_of(bucket_of(value_s)) == pytest.approx(value_s, rel=2 ** (0.5 / BUCKETS_A_DOUBLING) - 1 + 1e-9)


@pytest.mark.parametrize("value_s", [0.0, -1.0, float("nan"), 1e30, float("inf")])
def test_no_latency_is_beyond_the_buckets(value_s: float) -> None:
    assert 0 <= bucket_of(value_s) <= 255


@pytest.mark.parametrize(("start_s", "step_s"), [(0, 1), (0, 5), (0, 30), (0, 300)])
def test_every_tier_of_the_scatter_tells_the_same(start_s: int, step_s: int) -> None:
    cloud = Cloud()
    for t in range(600):
        cloud.add(t + 0.5, 0.1 if t < 300 else 3.0)
    columns = cloud.columns(start_s, step_s, 600 // step_s)
    half = len(columns) // 2
    assert columns[:half] == [frozenset({bucket_of(0.1)})] * half
    assert columns[half:] == [frozenset({bucket_of(3.0)})] * (len(columns) - half)
    assert spread_of(columns) == (value_of(bucket_of(0.1)), value_of(bucket_of(3.0)))


def test_a_gap_of_the_scatter_is_empty_and_a_day_stays_small() -> None:
    cloud = Cloud()
    for t in range(0, 100_000, 2):
        if not 99_000 <= t < 99_500:
            cloud.add(float(t), 0.05 + (t % 7) / 10)
    assert cloud.columns(99_000, 10, 50) == [frozenset()] * 50
    assert spread_of(cloud.columns(99_000, 10, 50)) is None
    assert all(cloud.columns(99_500, 10, 50))
    assert all(cloud.columns(40_000, 600, 90)), "old time is known coarsely"
    assert all(len(tier.cells) <= tier.kept * 5 // 4 + 1 for tier in cloud.tiers)


@pytest.mark.parametrize("t_s", [-1.0, float("nan"), float("inf"), 1e300])
def test_a_broken_clock_leaves_no_dot(t_s: float) -> None:
    cloud = Cloud()
    cloud.add(t_s, 0.1)
    assert not any(tier.cells for tier in cloud.tiers)


def test_first_tokens_are_dots_as_they_come() -> None:
    room = Finished()
    room.tick(Tick(t_s=7.2, dt_s=0.2, ttft_s=[0.05, 0.4]))
    assert room.ttft.columns(7, 1, 1) == [frozenset({bucket_of(0.05), bucket_of(0.4)})]


def test_the_room_survives_being_written_down() -> None:
    room = Finished()
    room.tick(Tick(t_s=7.2, dt_s=0.2, ttft_s=[0.05, 0.4]))
    room.request(ended(3.0), 1, Level(t_s=0.0, concurrency=0, mode="open", rate=2.5))
    room.request(failed(4.0), 1, CLOSED)
    again = msgspec.json.decode(msgspec.json.encode(room), type=Finished)
    assert again == room
    assert again.latest[0].load == "2.5/s"


def test_the_fold_tells_the_level_and_the_distributions() -> None:
    state = State(header())
    state.apply_all(ramp((1, 8)))
    snapshot = state.snapshot()
    assert {(x.level, x.load) for x in snapshot.finished.latest} == {(1, "1"), (2, "8")}
    assert snapshot.finished.level == 2
    assert snapshot.shapes is not None
    assert snapshot.shapes.level == 2, "the load of 0 at the end was not timed"
    assert len(snapshot.shapes.e2e.values) == snapshot.levels[1].latencies.e2e.count
    assert sum(snapshot.shapes.itl.buckets.values()) == snapshot.levels[1].latencies.itl.count


def test_distributions_do_not_change_under_a_snapshot() -> None:
    state = State(header())
    events = list(ramp((8,)))
    state.apply_all(events[: len(events) // 2])
    before = state.snapshot().shapes
    assert before is not None
    count, gaps = len(before.e2e.values), sum(before.itl.buckets.values())
    state.apply_all(events[len(events) // 2 :])
    assert (len(before.e2e.values), sum(before.itl.buckets.values())) == (count, gaps)


def test_an_empty_session_has_empty_rooms() -> None:
    snapshot = State(header()).snapshot()
    assert snapshot.finished.latest == ()
    assert snapshot.shapes is None
    assert snapshot.gpu_history.means(0, "dram_pct", 0, 1, 3) == [None] * 3


def test_distributions_are_taken_once_a_second_and_at_the_end() -> None:
    state = State(header())
    events = list(ramp((8,)))
    state.apply_all(event for event in events if event.t_s < 7.0)
    assert state.snapshot(7.1).shapes is state.snapshot(7.9).shapes
    assert state.snapshot(8.0).shapes is not state.snapshot(7.9).shapes
    state.apply_all(event for event in events if event.t_s >= 7.0)
    last = state.snapshot()
    assert last.shapes is not None
    assert len(last.shapes.e2e.values) == last.levels[-1].latencies.e2e.count


def test_the_newest_levels_distributions_stay_when_it_is_long_over() -> None:
    state = State(header())
    state.apply_all(ramp((1, 8)))
    before = state.snapshot().shapes
    state.kept.ended = None
    state.apply(Note(t_s=5000.0, text="much later"))
    after = state.snapshot().shapes
    assert before is not None
    assert after is not None
    assert after.level == before.level == 2
    assert after.itl == before.itl
    assert sum(after.e2e.buckets.values()) == len(before.e2e.values) > 0
    again = load(dump(state), header())
    assert again is not None
    assert again.snapshot().shapes == after
