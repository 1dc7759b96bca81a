"""What the desk's screens share: a message, a line of keys, work beside the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.screen import Screen

from tui.desk.background import Background, Done
from tui.desk.keybar import KeyBar
from tui.desk.keys import DeskKeys
from tui.draw.clean import clean
from tui.lines import Line, say
from tui.palette import Palette
from tui.panel import Panel
from tui.screens.keyhelp import KeyHelp

if TYPE_CHECKING:
    from tui.desk.app import DeskApp


class DeskScreen(Screen[None]):
    """A screen whose keys are declared, and bound as the user wants them."""

    DEFAULT_CSS = """
    DeskScreen #title, DeskScreen #message, DeskScreen #keys { height: 1; }
    """
    NAME = ""
    """What it is called in its help."""

    def __init__(self, palette: Palette, keys: DeskKeys, *, said: str = "") -> None:
        super().__init__()
        self.keys = keys
        keys.put_on(self)
        self._palette = palette
        self._said: Line = say(clean(said), "accent")
        self._title, self._message = (Panel(palette, id=name) for name in ("title", "message"))
        self._bar = KeyBar(palette, id="keys")
        self._beside = Background(self)

    @property
    def desk(self) -> DeskApp:
        """The application."""
        return cast("DeskApp", self.app)

    def say(self, text: str, role: str = "accent") -> None:
        """Show a message until another comes."""
        self._said = say(clean(text), role)
        self.draw()

    def unsay(self, text: str) -> None:
        """Take a message away, where it is still there."""
        if self._said and self._said[0][0] == clean(text):
            self._said = ()
            self.draw()

    def draw(self) -> None:
        """Draw what changed."""
        raise NotImplementedError

    def offered(self, name: str) -> bool:
        """Return whether a key does something here."""
        del name
        return True

    def act(self, name: str) -> None:
        """Do what a key is declared to do."""
        raise NotImplementedError

    @property
    def notes(self) -> tuple[tuple[str, str], ...]:
        """What the help says besides the keys."""
        return ()

    def recolour(self, palette: Palette) -> None:
        """Draw with another theme."""
        self._palette = palette
        for panel in self.query(Panel):
            panel.recolour(palette)

    def show_help(self) -> None:
        """Show the keys and what they do."""
        keys = [key for key in self.keys if self.offered(key.id)]
        self.app.push_screen(KeyHelp(self._palette, f"rooftop: {self.NAME}", keys, self.notes))

    def on_done(self, event: Done) -> None:
        """Take the result of what was done beside the screen."""
        event.deliver()

    def on_key_bar_clicked(self, event: KeyBar.Clicked) -> None:
        """A key's name at the bottom does what the key does."""
        self.action_press(event.key)

    @property
    def takes_text(self) -> bool:
        """Whether characters are typed into a field now."""
        return False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave characters to the field that they are typed into."""
        del parameters
        return action != "typed" or not self.takes_text

    def action_typed(self, name: str) -> None:
        """Do what a key is declared to do that a field would take."""
        self.action_press(name)

    def action_press(self, name: str) -> None:
        """Do what a key is declared to do, where that is offered."""
        if self.offered(name):
            self.act(name)
