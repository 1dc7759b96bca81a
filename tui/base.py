"""What the app is made of before it shows anything: themes, what the terminal can show, and how it fails."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Generic

from rich.console import RenderableType
from textual.app import ReturnType
from textual.binding import Binding, BindingType
from textual.filter import LineFilter

from tui.filters import Plain, console_of
from tui.sense import Sense
from tui.theming import Themes, default_theme, to_textual
from tui.thin import ThinApp

_LOOK_S = 1.0
_SAY_S = 4.0


class Base(ThinApp[ReturnType], Generic[ReturnType]):
    """An app in one of our themes, on any terminal."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+z", "suspend_process", show=False, priority=True),
    ]

    def __init__(self, sense: Sense, theme_folder: Path | None) -> None:
        super().__init__()
        self.sense = sense
        self.crash: BaseException | None = None
        """What ended the screen, where it failed."""
        self.console = console_of(sense)
        self._plain = Plain(sense)
        self._themes = Themes(theme_folder, sense)
        self.palettes = self._themes.palettes
        """By name."""

    def leave_soon(self, return_code: int) -> None:
        """Exit soon; for signal handlers, and no matter whether the loop runs already."""
        raise NotImplementedError

    def say(self, text: str, seconds: float = _SAY_S) -> None:
        """Show a message for a while."""
        raise NotImplementedError

    def recolour(self) -> None:
        """Draw in the colours of the theme that is on."""
        raise NotImplementedError

    # Themes

    def start_theme(self, theme: str | None) -> list[str]:
        """Put on the theme that the user names, else the one for the terminal; return what is to be said."""
        warnings = self._themes.check()
        for palette in self.palettes.values():
            self.register_theme(to_textual(palette))
        if theme is not None and theme not in self.palettes:
            warnings.append(f"no theme is called {theme}; there are {', '.join(self.palettes)}")
        self.theme = theme if theme in self.palettes else default_theme(self.sense)
        return warnings

    def follow_themes(self) -> None:
        """Look at the user's themes every second, and draw anew when the theme changes."""
        self.theme_changed_signal.subscribe(self, lambda _: self.recolour())
        self.set_interval(_LOOK_S, self.look_at_themes)

    def look_at_themes(self) -> None:
        """Put on the user's themes anew where their files were saved."""
        before = dict(self.palettes)
        said = self._themes.check()
        changed = [palette for name, palette in self.palettes.items() if before.get(name) is not palette]
        for palette in changed:
            self.register_theme(to_textual(palette))
        if self.theme in (palette.name for palette in changed):
            self._watch_theme(self.theme)
            said = said or [f"theme {self.theme} read again"]
        if said:
            self.say("; ".join(said), 3 * _SAY_S)

    def next_theme(self) -> None:
        """Put on the next theme."""
        if self.sense.colours == "none":
            self.say("no colours here: NO_COLOR is set, or the terminal has none")
            return
        names = list(self.palettes)
        at = names.index(self.theme) if self.theme in names else -1
        self.theme = names[(at + 1) % len(names)]
        self.say(f"theme {self.theme}")

    # What the terminal cannot show

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Leave out what the terminal cannot show, as the last thing before bytes are made."""
        found = super().get_line_filters()
        return [*found, self._plain] if self._plain.enabled else found

    # How it fails

    def panic(self, *renderables: RenderableType) -> None:
        """End a screen that failed, silently: who runs it says so in a line."""
        del renderables
        self.crash = self.crash or sys.exception() or RuntimeError("the keyboard cannot be read")
        super().panic()

    def _fatal_error(self) -> None:
        """Textual's own would print every local variable, and some hold a key."""
        self.panic()
