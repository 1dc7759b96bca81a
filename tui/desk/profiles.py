"""The dialog of saved profiles: load one, or delete it."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from tui.screens.dialog import Dialog

USUAL = "(the usual values)"


class ProfilesDialog(Dialog[tuple[str, str]]):
    """Returns ``load`` or ``delete`` and a name; the empty name has the usual values."""

    DEFAULT_CSS = """
    ProfilesDialog OptionList { height: auto; max-height: 12; border: none; background: $background; padding: 0; }
    ProfilesDialog OptionList:focus { border: none; background: $background; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
        Binding("d,delete", "delete", show=False),
        Binding("q", "close", show=False),
    ]

    def __init__(self, names: list[str]) -> None:
        super().__init__()
        self._names = ["", *names]

    def compose(self) -> ComposeResult:
        """A list of names."""
        with Vertical(classes="box") as box:
            box.border_title = "Profiles"
            yield OptionList(*(Option(Text(name or USUAL)) for name in self._names))
            yield Label("Enter loads it, d deletes it, Esc closes", markup=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Load it."""
        self.dismiss(("load", self._names[event.option_index]))

    def action_move(self, by: int) -> None:
        """Go up and down as in vi."""
        options = self.query_one(OptionList)
        (options.action_cursor_down if by > 0 else options.action_cursor_up)()

    def action_delete(self) -> None:
        """Delete it; the caller asks first."""
        at = self.query_one(OptionList).highlighted
        if at:
            self.dismiss(("delete", self._names[at]))
