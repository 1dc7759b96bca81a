"""The thread under both probes."""

from __future__ import annotations

import threading
import time

from telemetry.ticker import Ticker


def test_a_slow_tick_shifts_nothing_and_is_not_caught_up() -> None:
    times: list[float] = []
    enough = threading.Event()

    def tick() -> None:
        times.append(time.monotonic())
        if len(times) == 1:
            threading.Event().wait(0.12)
        if len(times) == 3:
            enough.set()

    ticker = Ticker("t", 0.05, tick)
    ticker.start()
    assert enough.wait(5)
    ticker.stop()
    # The ticks due at 0.05 and 0.10 are left out; the next two stand on the grid.
    assert times[1] - times[0] >= 0.145
    assert times[2] - times[0] >= 0.195


def test_it_closes_in_its_own_thread_and_stops_twice() -> None:
    closed: list[str] = []
    ticker = Ticker("mine", 60.0, lambda: None, lambda: closed.append(threading.current_thread().name))
    ticker.start()
    ticker.stop()
    ticker.stop()
    assert closed == ["mine"]
    assert not ticker.is_alive()


def test_stopping_before_it_started_is_harmless() -> None:
    Ticker("t", 1.0, lambda: None).stop()


def test_of_two_nudges_the_last_one_counts() -> None:
    ticked = threading.Event()
    ticks: list[float] = []

    def tick() -> None:
        ticks.append(time.monotonic())
        if len(ticks) == 2:
            ticked.set()

    ticker = Ticker("t", 60.0, tick)
    ticker.start()
    ticker.nudge()
    threading.Event().wait(0.1)
    ticker.nudge()
    last = time.monotonic()
    assert ticked.wait(5)
    ticker.stop()
    assert ticks[1] - last >= 0.24
