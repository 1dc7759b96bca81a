"""The application around the set-up screen and the list of sessions; it ends with what the user wants."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Literal

from textual.app import App
from textual.binding import Binding, BindingType

from tui.desk.ports import Form, Hooks, Library, Wish
from tui.desk.sessions import LOOK_S, SessionsScreen
from tui.desk.setup import SetupScreen
from tui.palette import Palette
from tui.theming import DEFAULT, load_palettes, to_textual

First = Literal["setup", "sessions"]


class DeskApp(App[Wish]):
    """Shows either screen, and the other where there is what it needs."""

    TITLE = "rooftop"
    ALLOW_SELECT = False
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c,ctrl+q", "leave", show=False, priority=True)]

    def __init__(
        self,
        first: First,
        *,
        form: Form | None = None,
        library: Library | None = None,
        texts: Mapping[str, str] | None = None,
        profile: str = "",
        at: Path | None = None,
        said: str = "",
        hooks: Hooks | None = None,
        theme: str | None = None,
        theme_folder: Path | None = None,
        look_s: float = LOOK_S,
    ) -> None:
        super().__init__()
        self.animation_level = "none"
        self._first = first
        self.palettes, warnings = load_palettes(theme_folder)
        for palette in self.palettes.values():
            self.register_theme(to_textual(palette))
        if theme is not None and theme not in self.palettes:
            warnings.append(f"no theme is called {theme}; there are {', '.join(self.palettes)}")
        self.theme = theme if theme in self.palettes else DEFAULT
        said = "; ".join([*([said] if said else []), *warnings])
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leave_with: int | None = None
        self._form, self._library = form, library
        self._hooks, self._at = hooks, at
        self._texts, self._profile = texts or {}, profile
        self._said, self._look_s = said, look_s

    @property
    def palette(self) -> Palette:
        """The theme that is on."""
        return self.palettes.get(self.theme, self.palettes[DEFAULT])

    def on_mount(self) -> None:
        """Show the first screen."""
        self._loop = asyncio.get_running_loop()
        self._make_screens()
        self.push_screen(self._first)
        self._leave()

    def _make_screens(self) -> None:
        said = {self._first: self._said}
        if self._form is not None:
            form = SetupScreen(self._form, self.palette, self._texts, profile=self._profile,
                               said=said.get("setup", ""), lists=self._library is not None)  # fmt: skip
            self.install_screen(form, "setup")
        if self._library is not None:
            listed = SessionsScreen(self._library, self.palette, hooks=self._hooks, at=self._at,
                                    sets_up=self._form is not None, said=said.get("sessions", ""),
                                    look_s=self._look_s)  # fmt: skip
            self.install_screen(listed, "sessions")

    def leave_soon(self, return_code: int) -> None:
        """Exit as soon as the loop turns; for signal handlers."""
        self._leave_with = return_code
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended already
                self._loop.call_soon_threadsafe(self._leave)

    def _leave(self) -> None:
        if self._leave_with is not None:
            self.exit(return_code=self._leave_with)

    def action_leave(self) -> None:
        """Quit; nothing is running here."""
        self.exit()

    def action_next_theme(self) -> None:
        """Put on the next theme."""
        names = list(self.palettes)
        self.theme = names[(names.index(self.theme) + 1) % len(names)]
        for screen in self._installed_screens.values():
            if isinstance(screen, SetupScreen | SessionsScreen):
                screen.recolour(self.palette)
