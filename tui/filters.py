"""The last hand that strips pass through, those of Textual's own widgets too, before they become bytes."""

from __future__ import annotations

import io
from typing import Literal

from rich.console import Console
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from tui.glyphs import to_ascii
from tui.mono import without_colours
from tui.sense import Colours, Sense

_SYSTEMS: dict[Colours, Literal["truecolor", "256", "standard"]] = {
    "truecolor": "truecolor",
    "256": "256",
    "16": "standard",
    "none": "standard",
}


def console_of(sense: Sense) -> Console:
    """Return the console whose colours Textual draws with: Rich goes by TERM alone, and knows few names."""
    return Console(
        color_system=_SYSTEMS[sense.colours],
        file=io.StringIO(),
        force_terminal=True,
        highlight=False,
        emoji=False,
        legacy_windows=False,
        safe_box=False,
        _environ={},
    )


class Plain(LineFilter):
    """Leaves out what the terminal cannot show: glyphs beyond ASCII, or every colour, or both."""

    def __init__(self, sense: Sense) -> None:
        super().__init__(enabled=sense.ascii or sense.colours == "none")
        self._sense = sense

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return segments of the same widths."""
        del background
        if self._sense.colours == "none":
            segments = without_colours(segments)
        if self._sense.ascii:
            segments = [Segment(to_ascii(text), style, control) for text, style, control in segments]
        return segments
