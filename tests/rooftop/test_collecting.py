from __future__ import annotations

import gc

import pytest

from rooftop.collecting import uncollected


def test_the_collector_rests_while_something_is_loaded_and_goes_on_after_a_failure() -> None:
    assert gc.isenabled()
    during = []

    def fail() -> None:
        during.append(gc.isenabled())
        raise ImportError

    with pytest.raises(ImportError), uncollected():
        fail()
    assert during == [False]
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
    gc.unfreeze()


def test_a_collector_that_is_off_stays_off() -> None:
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
        gc.unfreeze()
