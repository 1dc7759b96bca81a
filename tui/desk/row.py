"""One field of the set-up screen: its name, what is typed, and beside it what is wrong with that."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Input

from tui.desk.ports import Field
from tui.draw.clean import clean
from tui.lines import say
from tui.palette import Palette
from tui.panel import Panel

_LONGEST = 2000


class Choice(Panel, can_focus=True):
    """One of a few words; arrows, space or a click take the next."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,space", "turn(1)", show=False),
        Binding("left", "turn(-1)", show=False),
    ]

    class Changed(Message):
        """Another word was taken."""

    def __init__(self, palette: Palette, choices: tuple[str, ...], default: str) -> None:
        super().__init__(palette)
        self._choices = choices
        self._default = default if default in choices else choices[0]
        self._at = choices.index(self._default)

    @property
    def value(self) -> str:
        """The word; empty where it is the usual one."""
        word = self._choices[self._at]
        return "" if word == self._default else word

    @value.setter
    def value(self, text: str) -> None:
        self._at = self._choices.index(text if text in self._choices else self._default)
        self._draw()

    def action_turn(self, by: int) -> None:
        """Take the next word, or the one before."""
        self._at = (self._at + by) % len(self._choices)
        self._draw()
        self.post_message(self.Changed())

    def on_click(self) -> None:
        """Take the next word."""
        self.action_turn(1)

    def on_mount(self) -> None:
        """Show the word."""
        self._draw()

    def on_focus(self) -> None:
        """Show that arrows turn it."""
        self._draw(True)

    def on_blur(self) -> None:
        """Show that they do not."""
        self._draw(False)

    def _draw(self, focused: bool | None = None) -> None:
        word = self._choices[self._at]
        role = "dim" if word == self._default else "value"
        here = self.has_focus if focused is None else focused
        self.show(((("‹ ", "accent"), (word, "accent"), (" ›", "accent")) if here else (("  ", "text"), (word, role)),))


class Row(Horizontal):
    """A field. ``text`` is what is typed, empty for the default."""

    DEFAULT_CSS = """
    Row { height: 1; width: 100%; }
    Row > .name { width: 17; }
    Row > Input, Row > Choice { width: 28; }
    Row > Input { border: none; height: 1; padding: 0; background: $surface; }
    Row > Input:focus { border: none; background: $rooftop-track; }
    Row > .beside { width: 1fr; margin: 0 0 0 1; }
    .wide Row > .name { width: 19; }
    .wide Row > Input, .wide Row > Choice { width: 56; }
    .narrow Row > .beside { display: none; }
    """

    class Changed(Message):
        """The text is another."""

        def __init__(self, row: Row) -> None:
            super().__init__()
            self.row = row

    class Entered(Message):
        """The row has the focus now."""

        def __init__(self, row: Row) -> None:
            super().__init__()
            self.row = row

    def __init__(self, palette: Palette, field: Field, text: str) -> None:
        super().__init__(id=f"row-{field.id}")
        self.field = field
        self.reason: str | None = None
        """What is wrong with the text."""
        self._label = Panel(palette)
        self._label.add_class("name")
        self._beside = Panel(palette)
        self._beside.add_class("beside")
        self._control = _control(palette, field, text)
        self._label.show((say(f" {field.id.replace('-', ' ')}", "dim"),))

    def compose(self) -> ComposeResult:
        """Name, control, reason."""
        yield self._label
        yield self._control
        yield self._beside

    @property
    def text(self) -> str:
        """What is typed."""
        return self._control.value.strip()

    @text.setter
    def text(self, text: str) -> None:
        self._control.value = text

    @property
    def control(self) -> Widget:
        """What takes the focus."""
        return self._control

    def offer(self, words: tuple[str, ...]) -> None:
        """Complete what is typed from these words."""
        if isinstance(self._control, Input):
            self._control.suggester = SuggestFromList(words, case_sensitive=False) if words else None

    def say_beside(self, words: str, role: str) -> None:
        """Show a remark beside the field."""
        self._beside.show((say(clean(words), role),))

    def blame(self, reason: str | None) -> None:
        """Say what is wrong, or that nothing is."""
        if reason is not None or self.reason is not None:
            self.say_beside(f"✗ {reason}" if reason else "", "bad")
        self.reason = reason

    def recolour(self, palette: Palette) -> None:
        """Draw with another theme."""
        for panel in self.query(Panel):
            panel.recolour(palette)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass it on as a row's."""
        event.stop()
        self.post_message(self.Changed(self))

    def on_choice_changed(self, event: Choice.Changed) -> None:
        """Pass it on as a row's."""
        event.stop()
        self.post_message(self.Changed(self))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Say that this row is edited now."""
        del event
        self._label.show((say(f"▸{self.field.id.replace('-', ' ')}", "accent"),))
        self.post_message(self.Entered(self))

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Say that it is not any more."""
        del event
        self._label.show((say(f" {self.field.id.replace('-', ' ')}", "dim"),))


def _control(palette: Palette, field: Field, text: str) -> Input | Choice:
    if field.choices:
        choice = Choice(palette, field.choices, field.default)
        choice.value = text
        return choice
    box = Input(text, placeholder=field.default, max_length=_LONGEST, select_on_focus=False)
    box.cursor_blink = False
    if field.offers:
        box.suggester = SuggestFromList(field.offers, case_sensitive=False)
    return box
