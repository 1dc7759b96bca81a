from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs
from rich.cells import cell_len
from textual.geometry import Region

from session.view import ClientView
from tests.tui import samples
from tests.tui.fakes import FakeSession
from tests.tui.helpers import app_of, shown
from tui.diff import changed_span, compact, narrow
from tui.lines import EMPTY
from tui.panel import Panel

DIM = ("   ", "dim")


def test_only_the_changed_columns_differ() -> None:
    old = (("label ", "dim"), ("12", "value"), (" ms        ", "dim"))
    assert changed_span(old, old) == (0, 0)
    assert changed_span(old, (old[0], ("13", "value"), old[2])) == (7, 8)
    assert changed_span(old, (old[0], ("12", "bad"), old[2])) == (6, 8)
    assert changed_span(old, (("Label ", "dim"), old[1], (" ms       !", "dim"))) == (0, 19)
    assert changed_span(EMPTY, (DIM,)) == (0, 3)
    assert changed_span((("日本x", "dim"),), (("日本y", "dim"),)) == (4, 5)
    assert changed_span((("e\u0301x", "dim"),), (("e\u0301y", "dim"),)) == (1, 2)


def test_what_is_taken_for_narrow_is_narrow() -> None:
    taken = [chr(code) for code in range(0x3000) if narrow(chr(code))]
    assert {"a", " ", "→", "━", "⣿", "█", "…"} <= set(taken)
    assert {cell_len(char) for char in taken} == {1}
    assert not narrow("日")
    assert not narrow("e\u0301")


def test_blanks_join_what_is_before_them_but_never_a_background() -> None:
    line = (("a", "value"), ("  ", "text"), ("b", "value"), ("", "dim"), (" ", "ink/bad"), (" ", "text"))
    assert compact(line) == (("a  b", "value"), (" ", "ink/bad"), (" ", "text"))


@pytest.fixture
def regions(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str | None, tuple[Region, ...]]]:
    found: list[tuple[str | None, tuple[Region, ...]]] = []
    real = Panel.refresh

    def refresh(self: Panel, *regions: Region, **more: bool) -> Panel:
        found.append((self.id, regions))
        return real(self, *regions, **more)

    monkeypatch.setattr(Panel, "refresh", refresh)
    return found


async def test_an_unchanged_snapshot_repaints_nothing(
    regions: list[tuple[str | None, tuple[Region, ...]]],
) -> None:
    session = FakeSession()
    app = app_of(session)
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.pause()
        regions.clear()
        session.snapshot = replace(session.snapshot, client=ClientView(0.001, 0.4))
        app.tick()
        await pilot.pause()
        assert not regions


async def test_a_changed_number_repaints_its_cells_alone(
    regions: list[tuple[str | None, tuple[Region, ...]]],
) -> None:
    session = FakeSession()
    app = app_of(session)
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.pause()
        regions.clear()
        session.change(in_flight=250)
        app.tick()
        assert [panel for panel, _ in regions] == ["tiles"]
        (region,) = regions[0][1]
        assert region.height == 1
        assert region.width < 20
        assert "250 active" in shown(app, "tiles")


async def test_a_busy_second_repaints_little_of_the_charts(
    regions: list[tuple[str | None, tuple[Region, ...]]],
) -> None:
    session = FakeSession(samples.live(1, 6))
    app = app_of(session)
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.pause()
        regions.clear()
        series = session.snapshot.series
        session.change(now_s=126.0, series=(*series, structs.replace(series[-1], t_s=125)))
        app.tick()
        cells = sum(region.area for _, found in regions for region in found)
        assert cells < 400
