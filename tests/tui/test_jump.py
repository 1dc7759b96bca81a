from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import Label

from tests.tui.fakes import FakeTape
from tests.tui.helpers import dialog, replay_of
from tui.jump import read_time


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1:23", 83), ("0:05.5", 5.5), ("1:02:03", 3723), ("83", 83), ("83s", 83), ("83 s", 83), ("1.5", 1.5),
        ("1h2m", 3720), ("1h", 3600), ("2m", 120), ("1H2M3S", 3723), ("2m30", 150), ("50%", 3600), ("0%", 0),
        ("100 %", 7200), ("12.5%", 900), ("+30", 130), ("-1:00", 40), ("- 10s", 90), ("0", 0), ("7200.6", 7200),
    ],
)  # fmt: skip
def test_times_are_understood(text: str, seconds: float) -> None:
    assert read_time(text, 100.0, 7200.0) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "a time: 1:23"), ("  ", "a time"), ("x", "not a time"), ("1:75", "not a time"), (":30", "not a time"),
        ("1:2:3:4", "not a time"), ("5m3h", "not a time"), ("%", "not a time"), ("-", "not a time"),
        ("h", "not a time"),
        ("1e9", "not a time"), ("nan", "not a time"), ("٣", "not a time"), ("9" * 40, "not a time"),
        ("3:00:00", "3:00:00 is after the end, 2:00:00"), ("150%", "after the end"), ("-200", "before the start"),
    ],
)  # fmt: skip
def test_what_is_no_time_is_said(text: str, why: str) -> None:
    found = read_time(text, 100.0, 7200.0)
    assert isinstance(found, str)
    assert why in found


@given(st.text(max_size=20), st.floats(0, 1e6), st.floats(0, 1e6))
def test_whatever_is_typed_is_an_instant_of_the_recording_or_a_reason(text: str, at: float, duration: float) -> None:
    found = read_time(text, min(at, duration), duration)
    assert found if isinstance(found, str) else 0 <= found <= duration


async def test_a_time_is_checked_while_it_is_typed() -> None:
    tape = FakeTape()
    app = replay_of(tape)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("g")
        await pilot.pause()
        assert dialog(app) == "JumpDialog"

        def said() -> str:
            return str(app.screen.query_one("#wrong", Label).render())

        await pilot.press(*"1:7")
        assert "→ 1:07" in said()
        await pilot.press("5")
        assert "not a time" in said()
        await pilot.press("enter")
        await pilot.pause()
        assert dialog(app) == "JumpDialog"
        assert tape.position_s == 60
        await pilot.press("backspace", "backspace", *"23", "enter")
        await pilot.pause()
        assert dialog(app) != "JumpDialog"
        assert tape.position_s == 83


async def test_an_empty_field_and_escape_stay_where_one_is() -> None:
    tape = FakeTape()
    app = replay_of(tape)
    async with app.run_test(size=(80, 24)) as pilot:
        for leave in (["enter"], ["9", "escape"]):
            await pilot.press("g", *leave)
            await pilot.pause()
            assert dialog(app) != "JumpDialog"
            assert tape.position_s == 60
