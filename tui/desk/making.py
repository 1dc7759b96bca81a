"""What is made of recordings from the list: exports, pages, copies to hand on. Asks for a name, writes on a thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from tui.desk.background import Background
from tui.desk.ports import Works
from tui.desk.screen import DeskScreen
from tui.screens.ask import TextDialog
from tui.screens.dialog import Dialog

_TITLES = {"page": "An HTML page", "redact": "A copy without hosts, addresses, notes and ids"}
_HINT = "beside the recording; Enter writes, Esc does not"


class Making:
    """Writes one thing at a time."""

    def __init__(self, screen: DeskScreen, works: Works, beside: Background, written: Callable[[], None]) -> None:
        """``written`` is called when a file has been written."""
        self._screen = screen
        self._beside, self._written = beside, written
        self._works = works
        self.writing: str | None = None
        """What is being written, in words; ``None``: nothing."""

    def ask(self, kind: str, paths: Sequence[Path]) -> None:
        """Ask what is still to be known of a ``page``, ``redact`` or ``export``, and write it."""
        if self.writing is not None:
            self._screen.say(f"{self.writing} is not finished", "warn")
        elif kind == "export":
            self._screen.app.push_screen(
                FormatDialog(self._works.formats), lambda form: self._name(form, paths) if form else None
            )
        else:
            self._name(kind, paths)

    def _name(self, kind: str, paths: Sequence[Path]) -> None:
        first = paths[0]
        title = _TITLES.get(kind, f"Export: {kind}")

        def write(name: str | None) -> None:
            if name:
                self._write(kind, paths, name)

        self._screen.app.push_screen(
            TextDialog(title, _HINT, self._works.suggested(kind, first), lambda name: self._works.refused(first, name)),
            write,
        )

    def _write(self, kind: str, paths: Sequence[Path], name: str) -> None:
        self.writing = name
        self._screen.say(f"writing {name} …", "dim")

        def work() -> tuple[str, str]:
            try:
                return self._works.make(kind, paths, name), "accent"
            except ValueError as error:
                return str(error), "bad"

        def then(result: tuple[str, str]) -> None:
            self.writing = None
            self._screen.say(*result)
            self._written()

        self._beside.run("make", work, then)


class FormatDialog(Dialog[str]):
    """Returns the name of a format."""

    DEFAULT_CSS = """
    FormatDialog > .box { width: 76; }
    FormatDialog OptionList { height: auto; max-height: 12; border: none; background: $background; padding: 0; }
    FormatDialog OptionList:focus { border: none; background: $background; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
        Binding("q", "close", show=False),
    ]

    def __init__(self, formats: Mapping[str, str]) -> None:
        super().__init__()
        self._formats = formats

    def compose(self) -> ComposeResult:
        """A list of formats; what the chosen one is stands below."""
        with Vertical(classes="box") as box:
            box.border_title = "Export"
            yield OptionList(*(Option(Text(name)) for name in self._formats))
            yield Label("", id="what", markup=False)
            yield Label("Enter takes it, Esc closes", markup=False)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say what it is."""
        self.query_one("#what", Label).update([*self._formats.values()][event.option_index])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return its name."""
        self.dismiss([*self._formats][event.option_index])

    def action_move(self, by: int) -> None:
        """Go up and down as in vi."""
        options = self.query_one(OptionList)
        (options.action_cursor_down if by > 0 else options.action_cursor_up)()
