"""Asks for a line of text, or for yes or no."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Label

from tui.draw.clean import clean
from tui.screens.dialog import Dialog


class TextDialog(Dialog[str]):
    """One line of text, checked while it is typed; Enter takes it, Esc does not."""

    def __init__(self, title: str, hint: str, start: str, check: Callable[[str], str | None]) -> None:
        super().__init__()
        self._title = title
        self._hint = hint
        self._start = start
        self._check = check

    def compose(self) -> ComposeResult:
        """A box with an input and a line for what is wrong."""
        with Vertical(classes="box") as box:
            box.border_title = self._title
            yield Label(self._hint, markup=False)
            field = Input(self._start, max_length=200, id="text")
            field.cursor_blink = False
            yield field
            yield Label("", id="wrong", markup=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say at once what is wrong."""
        self.query_one("#wrong", Label).update(self._check(event.value.strip()) or "")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the text where it is right."""
        text = event.value.strip()
        if (why := self._check(text)) is None:
            self.dismiss(text)
        else:
            self.query_one("#wrong", Label).update(why)


class YesNoDialog(Dialog[bool]):
    """A question: y or n. Enter is not an answer: what is asked here cannot be undone."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", show=False),
        Binding("n,q", "answer(False)", show=False),
    ]

    def __init__(self, title: str, lines: Sequence[str], yes: str, no: str = "keep") -> None:
        super().__init__()
        self._title = title
        self._texts = [*map(clean, lines), f"y  {yes}      n  {no}"]

    def compose(self) -> ComposeResult:
        """A box with a question."""
        with Vertical(classes="box") as box:
            box.border_title = self._title
            for text in self._texts:
                yield Label(text, markup=False)

    def action_answer(self, yes: bool) -> None:
        """Return the answer."""
        self.dismiss(yes)
