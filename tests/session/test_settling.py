from __future__ import annotations

from session.settling import FILL_S, STEP_S, Settling


def test_five_seconds_after_a_change_of_load() -> None:
    settling = Settling()
    assert settling.why(0.0) is None
    settling.load_changed(10.0)
    assert settling.why(10.0 + STEP_S - 0.1) == "the load has just changed"
    assert settling.why(10.0 + STEP_S) is None


def test_a_cache_that_keeps_rising_is_filling() -> None:
    settling = Settling()
    settling.load_changed(0.0)
    for second in range(60):
        settling.kv(float(second), 0.012 * second)
    assert settling.why(60.0) == "the KV cache is filling"
    for second in range(60, 60 + int(FILL_S) + 2):
        settling.kv(float(second), 0.7)
    assert settling.why(70.0) is None


def test_waves_below_the_highest_are_steady() -> None:
    settling = Settling()
    settling.load_changed(0.0)
    for second in range(60):
        settling.kv(float(second), (0.2, 0.35, 0.5, 0.3)[second % 4])
    assert settling.why(60.0) is None


def test_a_cache_that_empties_after_a_smaller_load_is_not_filling() -> None:
    settling = Settling()
    settling.kv(0.0, 0.9)
    settling.load_changed(1.0)
    for second in range(2, 20):
        settling.kv(float(second), max(0.1, 0.9 - 0.1 * second))
    assert settling.why(20.0) is None


def test_a_cache_that_is_not_read_says_nothing() -> None:
    settling = Settling()
    settling.kv(1.0, None)
    assert settling.why(2.0) is None
