"""Asks for the lengths of prompt and output."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Label

from tui.screens.dialog import Dialog

MOST_TOKENS = 1_000_000


def check_lengths(prompt: str, output: str) -> tuple[int, int] | str:
    """Return both lengths, or what is wrong with them."""
    found = []
    for name, text in (("prompt", prompt), ("output", output)):
        if not (text.isascii() and text.isdigit()):
            return f"{name}: a whole number of tokens is needed"
        if not 1 <= int(text) <= MOST_TOKENS:
            return f"{name}: between 1 and {MOST_TOKENS:,} tokens"
        found.append(int(text))
    return found[0], found[1]


class LengthsDialog(Dialog[tuple[int, int]]):
    """Two numbers, checked while they are typed."""

    def __init__(self, prompt_tokens: int, output_tokens: int) -> None:
        super().__init__()
        self._start = (prompt_tokens, output_tokens)

    def compose(self) -> ComposeResult:
        """A box with two inputs and a line for what is wrong."""
        with Vertical(classes="box") as box:
            box.border_title = "Lengths of the requests from now on"
            for name, value in zip(("prompt", "output"), self._start, strict=True):
                yield Label(f"{name} tokens", markup=False)
                field = Input(str(value), id=name, max_length=7, restrict=r"[0-9]*")
                field.cursor_blink = False
                yield field
            yield Label("", id="wrong", markup=False)
            yield Label("Tab changes the field, Enter sets both, Esc neither", markup=False)

    def on_input_changed(self) -> None:
        """Say at once what is wrong."""
        found = self._found()
        self.query_one("#wrong", Label).update(found if isinstance(found, str) else "")

    def on_input_submitted(self) -> None:
        """Return both where they are right."""
        found = self._found()
        if not isinstance(found, str):
            self.dismiss(found)

    def _found(self) -> tuple[int, int] | str:
        return check_lengths(self.query_one("#prompt", Input).value, self.query_one("#output", Input).value)
