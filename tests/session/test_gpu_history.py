from __future__ import annotations

import math

import msgspec
import pytest

from session.events import GpuReading, GpuSample
from session.gpu_history import GPUS_KEPT, GpuHistory, GpuHistoryView, Throttled


def sample(t_s: float, power: float | None = 100.0, index: int = 0, **more: object) -> GpuSample:
    return GpuSample(t_s=t_s, gpus=[GpuReading(index=index, power_w=power, **more)])  # type: ignore[arg-type]


def history(*samples: GpuSample) -> GpuHistory:
    room = GpuHistory()
    for one in samples:
        room.add(one)
    return room


def power(room: GpuHistory, start_s: int, step_s: int, count: int) -> list[float | None]:
    return list(GpuHistoryView(room).means(0, "power_w", start_s, step_s, count))


def test_every_second_is_kept_and_what_is_to_come_is_unknown() -> None:
    room = history(*(sample(t + 0.01, 100.0 + t) for t in range(5)))
    assert power(room, 0, 1, 8) == [100, 101, 102, 103, 104, None, None, None]
    assert power(room, 0, 2, 4) == [100.5, 102.5, 104, None]


def test_seconds_are_told_apart_though_the_first_reading_came_late() -> None:
    room = history(*(sample(t + 0.5, float(t)) for t in range(5, 45)))
    assert power(room, 0, 1, 45) == [None] * 5 + [float(t) for t in range(5, 45)]


def test_a_stretch_without_readings_is_a_gap() -> None:
    room = history(*(sample(float(t)) for t in (0, 1, 2, 6, 7)))
    assert power(room, 0, 1, 8) == [100, 100, 100, None, None, None, 100, 100]


def test_seconds_that_beat_against_the_clock_leave_no_hole() -> None:
    room = history(sample(1.001), sample(2.0005), sample(2.9995, 120.0), sample(4.0))
    assert power(room, 1, 1, 4) == [100, 120, 120, 100]


def test_a_value_that_was_not_read_is_unknown_and_never_zero() -> None:
    room = history(*(sample(float(t), None, temp_c=40.0) for t in range(20)))
    assert power(room, 0, 5, 4) == [None] * 4
    assert power(room, 0, 10, 2) == [None] * 2
    assert GpuHistoryView(room).means(0, "temp_c", 0, 10, 2) == [40, 40]


@pytest.mark.parametrize("lost", [sample(1.0, missing="GPU is lost"), sample(1.0, age_s=9.0)])
def test_a_lost_gpu_and_a_stale_reading_are_gaps(lost: GpuSample) -> None:
    room = history(sample(0.0), lost, sample(2.0))
    assert power(room, 0, 1, 3) == [100, None, 100]


@pytest.mark.parametrize("step_s", [1, 3, 10, 15, 60, 120, 600])
def test_every_tier_tells_the_same_means(step_s: int) -> None:
    room = history(*(sample(t + 0.2, float(t)) for t in range(1200)))
    found = power(room, 0, step_s, 1200 // step_s)
    wide_s = max(width for width in (1, 10, 60) if width <= step_s)
    for n, value in enumerate(found):
        assert value is not None
        assert math.isclose(value, n * step_s + (step_s - 1) / 2, abs_tol=wide_s / 2), (n, value)


def test_the_newest_tens_of_seconds_are_there_at_once() -> None:
    room = history(*(sample(float(t), 100.0) for t in range(600)), sample(600.0, 300.0))
    assert power(room, 590, 10, 2) == [100, 300]
    assert power(room, 540, 60, 2) == [100, 300]


def test_a_day_of_eight_gpus_stays_small() -> None:
    room = GpuHistory()
    for t in range(26 * 3600):
        room.add(sample(float(t), float(t % 700)))
    track = room.tracks[0]
    assert sum(len(rows.data) for rows in track.tiers) < 240_000
    day = power(room, 2 * 3600, 600, 144)
    assert all(value is not None and 200 < value < 500 for value in day)
    assert power(room, 26 * 3600 - 100, 1, 100) == [float(t % 700) for t in range(26 * 3600 - 100, 26 * 3600)]


def test_a_leap_of_the_clock_takes_no_memory() -> None:
    room = history(sample(1.0), sample(9e8), sample(1e300), sample(float("nan")), sample(-5.0), sample(9e8 + 1))
    assert sum(len(rows.data) for rows in room.tracks[0].tiers) < 10_000
    assert power(room, 900_000_000, 1, 2) == [100, 100]


def test_values_beyond_reason_are_unknown() -> None:
    assert power(history(sample(0.0, 1e300), sample(1.0, float("inf"))), 0, 1, 2) == [None, None]


def test_gpus_beyond_reason_are_not_kept() -> None:
    room = history(*(sample(1.0, index=n) for n in range(2 * GPUS_KEPT)))
    assert len(room.tracks) == GPUS_KEPT


def test_links_are_both_directions_and_one_where_the_other_is_unknown() -> None:
    room = history(
        sample(0.0, nvlink_tx_bytes_s=1e9, nvlink_rx_bytes_s=2e9), sample(1.0, nvlink_tx_bytes_s=1e9), sample(2.0)
    )
    assert GpuHistoryView(room).means(0, "nvlink_bytes_s", 0, 1, 3) == [3e9, 1e9, None]


def test_throttling_is_the_largest_cause_and_its_time_adds_up() -> None:
    samples = (
        sample(0.0, throttled_pct={"power": 50.0}),
        sample(2.0, throttled_pct={"power": 50.0, "thermal": 10.0, "low use": 90.0}),
        sample(3.0, throttled_pct={"power": 0.0}),
        sample(4.0, throttle=0x4),
        sample(5.0, throttle=0x1),
    )
    held = Throttled()
    for one in samples:
        held.add(one)
    view = GpuHistoryView(history(*samples), held_s=held.held_s())
    assert view.means(0, "throttled_pct", 0, 1, 7) == [50, 50, 50, 0, 100, 0, None]
    assert view.throttled_s(0) == {"power": pytest.approx(1.0), "thermal": pytest.approx(0.2)}
    assert view.throttled_s(7) == {}


def test_a_view_is_worked_out_once_and_shows_nothing_later() -> None:
    room = history(sample(0.0))
    view = GpuHistoryView(room)
    assert view.means(0, "power_w", 0, 1, 2) is view.means(0, "power_w", 0, 1, 2)
    room.add(sample(1.0))
    assert view.means(0, "power_w", 0, 1, 3) == [100, None, None]


@pytest.mark.parametrize("step_s", [1, 7, 60])
def test_a_history_that_is_further_on_shows_what_was_known_then(step_s: int) -> None:
    samples = [sample(t + 0.2, float(t % 50)) for t in range(400)]
    then, later = GpuHistoryView(history(*samples[:331])), GpuHistoryView(history(*samples), samples[330].t_s)
    found, known = (view.means(0, "power_w", 0, step_s, 500 // step_s) for view in (later, then))
    last = 330 // step_s
    assert found[:last] == pytest.approx(known[:last])
    newest = [t % 50 for t in range(last * step_s, 331)]
    assert found[last] == pytest.approx(sum(newest) / len(newest))
    assert [value is None for value in found] == [n * step_s > 330 for n in range(500 // step_s)]


def test_seconds_reach_as_far_back_as_there_is_room() -> None:
    room = GpuHistory(seconds_bytes=4 * 4000 * 44)
    for t in range(4000):
        room.add(GpuSample(t_s=float(t), gpus=[GpuReading(index=n, power_w=float(t)) for n in range(2)]))
    assert power(room, 0, 1, 4000) == [float(t) for t in range(4000)]
    for t in range(4000, 40_000):
        room.add(GpuSample(t_s=float(t), gpus=[GpuReading(index=n, power_w=float(t)) for n in range(2)]))
    assert sum(len(rows.data) for track in room.tracks.values() for rows in track.tiers[:1]) <= 4 * 4000 * 44


def test_the_room_survives_being_written_down() -> None:
    room = history(*(sample(float(t), throttled_pct={"power": 3.0}) for t in range(90)))
    again = msgspec.json.decode(msgspec.json.encode(room), type=GpuHistory)
    assert again == room
    again.add(sample(90.0, 7.0))
    assert power(again, 89, 1, 2) == [100, 7]


SOUND: list[list[object]] = [[1, 1800], [10, 1080], [60, 1440]]


@pytest.mark.parametrize("tiers", [[], [[1, 1800, 0, "AAAA"], *SOUND[1:]], [[0, 1800], *SOUND[1:]]])
def test_what_was_written_otherwise_is_refused(tiers: list[list[object]]) -> None:
    names = ("width_s", "kept", "first", "data")
    told = {"tracks": {"0": {"tiers": [dict(zip(names, rows, strict=False)) for rows in tiers]}}}
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(told), type=GpuHistory)
