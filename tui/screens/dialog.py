"""What dialogs share: a small box over the board, which goes on underneath."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

Result = TypeVar("Result")


class Dialog(ModalScreen[Result]):
    """A box in the middle. The board stays as bright as it was: dimming it would send every cell again."""

    DEFAULT_CSS = """
    Dialog { align: center middle; background: transparent; }
    Dialog > .box {
        width: 56; max-width: 100%; height: auto; max-height: 100%;
        border: round $primary; border-title-color: $primary; border-title-style: bold;
        background: $background; padding: 0 1;
    }
    Dialog .box > Label { color: $rooftop-dim; width: 100%; }
    Dialog .box > Input { border: none; height: 1; padding: 0; margin: 0 0 1 0; background: $surface; }
    Dialog .box > #wrong { color: $rooftop-bad; height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", show=False)]

    def action_close(self) -> None:
        """Leave without a result."""
        self.dismiss(None)
