"""The application around the screens of the desk; it ends with what the user wants."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Literal

from textual.binding import Binding, BindingType

from tui.base import Base
from tui.config import Config, read_config
from tui.desk.compare import CompareScreen
from tui.desk.keys import rebind
from tui.desk.ports import Form, Library, Wish, Works
from tui.desk.screen import DeskScreen
from tui.desk.sessions import LOOK_S, SessionsScreen
from tui.desk.setup import SetupScreen
from tui.keys import RESERVED
from tui.palette import Palette
from tui.screens.ask import YesNoDialog
from tui.sense import FULL, Sense
from tui.theming import DEFAULT

First = Literal["setup", "sessions"]
_SAY_S = 4.0


class DeskApp(Base[Wish]):
    """Shows either screen, and the others where there is what they need."""

    TITLE = "rooftop"
    ALLOW_SELECT = False
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(RESERVED), "leave", show=False, priority=True),
        Binding("ctrl+l", "redraw", show=False),
    ]

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
        works: Works | None = None,
        theme: str | None = None,
        theme_folder: Path | None = None,
        config: Config | None = None,
        sense: Sense = FULL,
        look_s: float = LOOK_S,
    ) -> None:
        super().__init__(sense, theme_folder)
        self.animation_level = "none"
        self.config = read_config() if config is None else config
        self._first = first
        self._keys, wrong = rebind(self.config.desk_keys)
        warnings = [*self.config.warnings, *wrong, *self.start_theme(theme or self.config.theme)]
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leave_with: int | None = None
        self._form, self._library = form, library
        self._works, self._at = works, at
        self._texts, self._profile = texts or {}, profile
        self._said, self._look_s = "; ".join([*([said] if said else []), *warnings]), look_s

    @property
    def palette(self) -> Palette:
        """The theme that is on."""
        return self.palettes.get(self.theme, self.palettes[DEFAULT])

    def on_mount(self) -> None:
        """Show the first screen."""
        self._loop = asyncio.get_running_loop()
        self._make_screens()
        self.push_screen(self._first)
        self.follow_themes()
        self._leave()

    def _make_screens(self) -> None:
        said = {self._first: self._said}
        if self._form is not None:
            form = SetupScreen(self._form, self.palette, self._keys["setup"], self._texts, profile=self._profile,
                               said=said.get("setup", ""), lists=self._library is not None)  # fmt: skip
            self.install_screen(form, "setup")
        if self._library is not None:
            listed = SessionsScreen(self._library, self.palette, self._keys["sessions"], works=self._works,
                                    at=self._at, sets_up=self._form is not None, said=said.get("sessions", ""),
                                    look_s=self._look_s)  # fmt: skip
            self.install_screen(listed, "sessions")

    def compare(self, works: Works, paths: Sequence[Path]) -> None:
        """Show recordings beside each other."""
        self.push_screen(CompareScreen(works, paths, self.palette, self._keys["compare"]))

    def say(self, text: str, seconds: float = _SAY_S) -> None:
        """Show a message for a while."""
        front = next((screen for screen in reversed(self.screen_stack) if isinstance(screen, DeskScreen)), None)
        if front is not None:
            front.say(text)
            self.set_timer(seconds, lambda: front.unsay(text))

    def recolour(self) -> None:
        """Draw in the colours of the theme that is on."""
        for screen in {*self._installed_screens.values(), *self.screen_stack}:
            if isinstance(screen, DeskScreen):
                screen.recolour(self.palette)

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
        """Quit, after a question while a file is being written; asked twice, at once."""
        listed = self._installed_screens.get("sessions")
        writing = listed.writing if isinstance(listed, SessionsScreen) else None
        if writing is None or isinstance(self.screen, YesNoDialog):
            self.exit()
        else:
            lines = [f"{writing} is not finished: the file would be a part."]
            self.push_screen(YesNoDialog("Leave?", lines, "leave", "wait"), lambda yes: self.exit() if yes else None)
