"""Asks before load is ended."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Label

from tui.screens.dialog import Dialog


class QuitDialog(Dialog[bool]):
    """y or n."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "answer(True)", show=False),
        Binding("n", "answer(False)", show=False),
    ]

    def __init__(self, in_flight: int, quit_keys: tuple[str, ...]) -> None:
        super().__init__()
        self._quit_keys = quit_keys
        self._in_flight = in_flight

    def compose(self) -> ComposeResult:
        """A box with a question."""
        with Vertical(classes="box") as box:
            box.border_title = "Quit?"
            plural = "request is" if self._in_flight == 1 else "requests are"
            yield Label(f"Load is running: {self._in_flight:,} {plural} in flight.", markup=False)
            yield Label("Quitting ends it. The recording is kept.", markup=False)
            yield Label("y  quit      n  stay", markup=False)

    def on_key(self, event: events.Key) -> None:
        """Quit where the key that asked is pressed again."""
        if event.key in self._quit_keys:
            event.stop()
            self.dismiss(True)

    def action_answer(self, yes: bool) -> None:
        """Return the answer."""
        self.dismiss(yes)
