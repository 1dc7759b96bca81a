from __future__ import annotations

import random

import pytest

from session.cells import CELL_S, CELLS_KEPT, Cells


def test_what_was_put_in_comes_out_of_any_stretch() -> None:
    cells = Cells(10.0)
    cells.spread(10.0, 20.0, 1000)
    assert cells.between(10.0, 20.0) == pytest.approx(1000)
    assert cells.between(12.3, 14.5) == pytest.approx(220)
    assert cells.between(0.0, 99.0) == pytest.approx(1000)
    assert cells.between(30.0, 40.0) == 0


def test_parts_outside_the_level_are_left_out() -> None:
    cells = Cells(10.0)
    cells.spread(8.0, 12.0, 400)
    cells.spread(14.0, 18.0, 400, until_s=15.0)
    cells.add(9.0, 7)
    assert cells.between(10.0, 12.0) == pytest.approx(200)
    assert cells.between(0.0, 99.0) == pytest.approx(300)


def test_a_cell_that_is_filled_in_part_counts_as_what_it_was_filled_with() -> None:
    cells = Cells(0.0)
    cells.spread(0.0, 5.2, 520)
    assert cells.between(4.2, 5.2) == pytest.approx(100)


def test_memory_is_bounded_and_nothing_is_lost_when_cells_are_joined() -> None:
    cells = Cells(0.0)
    for second in range(10_000):
        cells.spread(second, second + 1.0, 50)
    assert len(cells.amounts()) <= CELLS_KEPT
    assert cells.width_s == CELL_S * 64
    assert cells.between(0.0, 10_000.0) == pytest.approx(500_000)
    assert cells.between(1000.0, 3000.0) == pytest.approx(100_000)


def test_order_does_not_matter() -> None:
    parts = [(t / 4, t / 4 + 0.25, float(t % 7)) for t in range(4000)]
    straight, mixed = Cells(0.0), Cells(0.0)
    for part in parts:
        straight.spread(*part)
    for part in random.Random(1).sample(parts, len(parts)):
        mixed.spread(*part)
    assert mixed.between(3.3, 700.7) == pytest.approx(straight.between(3.3, 700.7))


@pytest.mark.parametrize("t_s", [1e30, 1e308, -1e308])
def test_a_broken_clock_does_no_harm(t_s: float) -> None:
    cells = Cells(0.0)
    cells.spread(0.0, 2.0, 20)
    cells.add(t_s, 5)
    cells.spread(t_s, t_s, 5)
    cells.spread(1.0, t_s, 5)
    assert cells.between(0.0, 2.0) == pytest.approx(20, abs=6)
