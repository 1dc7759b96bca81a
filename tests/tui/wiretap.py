"""An app that believes it has a terminal: what it sends is kept, and nothing waits for a clock."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest
from rich.color import ColorSystem
from textual.app import App, ReturnType
from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot


class Wire:
    """What was sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def take(self) -> str:
        """Return what was sent since the last call."""
        text = "".join(self.sent)
        self.sent.clear()
        return text

    def take_size(self) -> int:
        """Return the bytes that were sent since the last call."""
        return len(self.take().encode())


@contextlib.asynccontextmanager
async def tapped(
    app: App[ReturnType], size: tuple[int, int] = (160, 45)
) -> AsyncIterator[tuple[Pilot[ReturnType], Wire]]:
    """Run an app of this size; give what presses its keys and what it sends."""
    wire = Wire()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HeadlessDriver, "is_headless", False)
        patch.setattr(app.console, "_color_system", ColorSystem.TRUECOLOR)
        patch.setattr(HeadlessDriver, "write", lambda self, data: wire.sent.append(data))
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield pilot, wire
