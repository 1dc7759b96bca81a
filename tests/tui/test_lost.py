"""What of a recording cannot be read is in sight."""

from __future__ import annotations

from dataclasses import replace

from session.lost import Lost
from tests.tui import samples
from tests.tui.helpers import line_text, scene_of
from tui.panels.log import log


def test_the_log_names_a_stretch_that_is_lost() -> None:
    assert line_text(log(scene_of(samples.live()), 60, 4).corner) == ""
    lost = (Lost(61.2, 118.7, "the file is damaged\x1b[2J there"), Lost(300.0, None, "more"))
    corner = line_text(log(scene_of(replace(samples.live(), lost=lost, unread=3)), 60, 4).corner)
    assert "3 lines of the recording not readable" in corner
    assert "not readable: 61.2 s to 118.7 s" in corner
    assert "\x1b" not in corner
