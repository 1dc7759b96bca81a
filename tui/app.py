"""The application: keys in, scenes out."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.markup import escape
from textual.screen import Screen
from textual.timer import Timer

from session.view import Snapshot
from tui.actions import handlers
from tui.base import Base
from tui.board import Board
from tui.config import Config, read_config
from tui.keys import BY_ID, RESERVED, TIME, Key, keys_for, rebind
from tui.load import Load
from tui.pace import Pace
from tui.pointing import clicked
from tui.ports import Controls, Ramp, Session
from tui.scene import Scene
from tui.screens.quit import QuitDialog
from tui.sense import FULL, Sense
from tui.tape import PRESENT, REST_S, Deck
from tui.theming import DEFAULT
from tui.viewing import Viewing
from tui.views.registry import VIEWS, body_size

_REFRESH_S = 1.0
_FLASH_S = 4.0
_MORE_BITES, _REST_BETWEEN_S = 3, 0.01
"""Within a beat, while a recording is read for the first time."""
_WINDING = ("header", "progress", "message")
"""What is drawn at every repeat of a key that is held."""


class RooftopApp(Base[None]):
    """Draws what a session says and puts the user's hand on its load, or on its replay."""

    TITLE = "rooftop"
    ALLOW_SELECT = False
    ENABLE_COMMAND_PALETTE = False  # Textual would bind a key of its own; ours opens it
    CSS = """
    CommandPalette { background: transparent; }
    CommandPalette > Vertical { width: 64; max-width: 100%; }
    CommandPalette:ansi #--input { border: hkey $rooftop-border; background: $background; }
    CommandPalette:ansi CommandInput { background: $background; color: $foreground; }
    CommandPalette:ansi CommandList { background: $background; color: $foreground; }
    CommandPalette:ansi CommandList { border-bottom: hkey $rooftop-border; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(RESERVED), "leave", show=False, priority=True),
        Binding("ctrl+l", "redraw", show=False, priority=True),
    ]

    def __init__(
        self,
        session: Session,
        controls: Controls | None,
        *,
        theme: str | None = None,
        ramp: Ramp | None = None,
        theme_folder: Path | None = None,
        config: Config | None = None,
        refresh_s: float = _REFRESH_S,
        sense: Sense = FULL,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(sense, theme_folder)
        self.use_command_palette = True
        self.animation_level = "none"  # an animation is a stream of frames, and this is read over SSH
        self.config = read_config() if config is None else config
        self.session = session
        self.controls = controls
        self.load = Load(controls, ramp) if controls is not None else None
        self.deck = Deck(session.transport, clock) if session.transport is not None else None
        self.replay = self.deck is not None and not self.deck.growing
        self._pace = Pace(refresh_s)
        self._read_s = 0.0
        self._snapshot: Snapshot | None = None
        self._kept: Snapshot | None = None
        self._clock = clock
        self._flash: str | None = None
        self._flashes = 0
        self._rest: Timer | None = None
        """Ticks when a key that was held is let go."""
        self._leave_with: int | None = None
        self.onward: str | None = None
        """Where a key that ended this screen leads: ``setup``."""
        self._unread: str | None = None
        self.keymap, wrong = rebind(self.config.keys)
        self.viewing = Viewing(self.config.view or next(iter(VIEWS)))
        self._handlers = handlers(self)
        said = self.start_theme(theme or self.config.theme)
        self._flash = "; ".join([*self.config.warnings, *wrong, *said]) or None

    # What is drawn

    def get_default_screen(self) -> Screen[None]:
        """Start with a first frame, not with an empty board."""
        self._read()
        self.board = Board(self.palettes[self.theme], self.scene(), self)
        return self.board

    def on_mount(self) -> None:
        """Begin to follow the session."""
        self.set_interval(self._pace.beat_s, self._beat)
        self.follow_themes()
        if self._flash:
            self.say(self._flash, 3 * _FLASH_S)

    def _beat(self) -> None:
        """Do what cannot wait, and the rest when its time has come."""
        if self._leave_with is not None:
            self.exit(return_code=self._leave_with)
            return
        due = self._pace.beat()
        if self.load is not None:
            self.load.keep_to_plan(self.snapshot.now_s + self._pace.since_s)
        if self._stands_still():
            return
        self._bite()
        if due:
            self.call_later(self.tick)  # keys that came meanwhile go first
        if self.snapshot.reading is not None:
            self._read_on(_MORE_BITES)

    def _bite(self) -> None:
        """Read in small bites, so that no frame takes long."""
        with contextlib.suppress(OSError, ValueError):  # the next read in full says what is wrong
            self.session.read()

    def _read_on(self, bites: int) -> None:
        """Go on with a recording that has not been read to its end, leaving keys their turn in between."""
        if bites:
            self.set_timer(_REST_BETWEEN_S, partial(self._next_bite, bites - 1))

    def _next_bite(self, more: int) -> None:
        self._bite()
        self._read_on(more)

    def _stands_still(self) -> bool:
        """Whether a replay is where it was read last, and stays there."""
        tape = self.deck.tape() if self.deck else None
        at_rest = tape is not None and not tape.playing and tape.position_s == self._read_s
        return at_rest and self.snapshot.reading is None

    def tick(self) -> None:
        """Read what is new and draw it; a frozen view is read on, but not drawn on."""
        self._read()
        self.draw()

    def leave_soon(self, return_code: int) -> None:
        """Exit at the next tick; for signal handlers, and no matter whether the loop runs already."""
        self._leave_with = return_code

    def _read(self) -> None:
        began_s = self._clock()
        wound = self._settle()
        try:
            self._snapshot = self.session.refresh()
            self._unread = None
        except (OSError, ValueError) as error:
            self._unread = f"the recording cannot be read: {error}"
            if self._snapshot is None:
                raise
        if wound and self.deck is not None:
            self.deck.took(self._clock() - began_s)
        self._pace.read(self._snapshot.now_s)
        if self.load is not None:
            self.load.follow(self._snapshot)
        tape = self.deck.tape() if self.deck is not None else None
        self._read_s = tape.position_s if tape is not None else 0.0

    @property
    def snapshot(self) -> Snapshot:
        """What the session said last."""
        assert self._snapshot is not None
        return self._snapshot

    def draw(self) -> None:
        """Show the present scene."""
        self.board.show(self.scene())

    def _settle(self) -> bool:
        """Let the session hear where the user wants to be; return whether it did."""
        try:
            return self.deck is not None and self.deck.settle()
        except (OSError, ValueError) as error:
            self.say(f"the recording cannot be read: {error}")
            return False

    def wind(self, act: Callable[[], str | None]) -> None:
        """Do what a key of time does: the position follows at once, the picture when the keys rest or now and then."""
        kept, self._kept = self._kept, None
        if kept is not None and self.deck is not None:
            self.deck.start_from(kept.now_s)
        try:
            if text := act():
                self.say(self.keymap.fill(text) if text == PRESENT else text)
        except (OSError, ValueError) as error:
            self.say(f"the recording cannot be read: {error}")
        if self.deck is not None and self.deck.ready:
            self.tick()
        else:
            self.board.show(self.scene(), _WINDING)
            if self._rest is not None:
                self._rest.stop()
            self._rest = self.set_timer(REST_S, self.tick)

    def scene(self) -> Scene:
        """Return all that a frame is drawn from."""
        problem = self.controls.problem() if self.controls is not None else None
        past = self.deck.past if self.deck else None
        shown = past or self.snapshot
        return Scene(
            snapshot=self._kept or shown,
            target=self.target if past is None else past.amount,
            typed=self.load.typed if self.load else None,
            mode=self.load.mode if self.load and past is None else shown.mode,
            frozen=self._kept is not None,
            tape=self.deck.tape() if self.deck else None,
            problem=problem or self._unread,
            flash=self._flash or self._reading(shown),
            chart=self.viewing.chart,
            span_s=self.viewing.span_s,
            look=self.viewing.look,
            states=self._states,
            keys=self.keymap,
        )

    @staticmethod
    def _reading(shown: Snapshot) -> str | None:
        """Say how far a long recording has been read."""
        share = shown.reading
        return None if share is None else f"reading the recording … {share:.0%}".replace("%", " %")

    @property
    def target(self) -> float:
        """The load that the user asked for."""
        return self.load.target if self.load else self.snapshot.amount

    # What keys do

    def press(self, pressed: str) -> bool:
        """Do what a key means on the board; return whether it means anything."""
        key = self.keymap.find(pressed, self._states, replay=self.replay)
        if key is not None:
            self.act(key.id, pressed)
        return key is not None

    def click(self, x: int, y: int) -> None:
        """Do what a click on a cell of the board means."""
        kind, name = clicked(self.board.places.values(), self.scene(), x, y) or ("", "")
        if kind == "key":
            self.act(name)
        elif kind == "panel":
            self.viewing.toggle(name)
            self.draw()

    def scroll(self, rows: int) -> None:
        """Move through the view's list."""
        self.viewing.move(rows, self.scene())
        self.draw()

    @property
    def _states(self) -> frozenset[str]:
        """What decides which keys mean something."""
        typing = self.load is not None and self.load.typed is not None
        away = self.deck is not None and self.deck.away
        return self.viewing.states | ({"typing"} if typing else set()) | ({"past"} if away else set())

    def act(self, name: str, pressed: str = "") -> None:
        """Do what a key is declared to do, and show it at once."""
        key = BY_ID[name]
        if key.where == "live" and self.load is None:
            self.say("replay: load keys are off" if self.replay else "there is no load to control")
        elif key.group == TIME:
            if self.deck is not None:
                self._handlers[name](pressed)
                return
            self.say("there is no recording to go through")
        else:
            self._handlers[name](pressed)
        self._pace.hurry()
        self.draw()

    def say(self, text: str, seconds: float = _FLASH_S) -> None:
        """Show a message for a while."""
        self._flash = text
        self._flashes += 1
        self.set_timer(seconds, lambda mine=self._flashes: self._unsay(mine))

    def _unsay(self, mine: int) -> None:
        if mine == self._flashes:
            self._flash = None
            self.draw()

    def freeze(self) -> None:
        """Hold the picture, or let it go on."""
        self._kept = None if self._kept is not None else (self.deck.past if self.deck else None) or self.snapshot

    @property
    def body_size(self) -> tuple[int, int]:
        """The cells and lines between header and footer."""
        wound = self.deck is not None and self.deck.tape() is not None
        return body_size(self.size.width, self.size.height, wound=wound)

    def recolour(self) -> None:
        """Draw in the colours of the theme that is on."""
        self.board.recolour(self.palettes.get(self.theme, self.palettes[DEFAULT]))

    def action_leave(self) -> None:
        """Quit, after a question while load is running; asked twice, at once."""
        busy = self.load is not None and (self.target > 0 or self.snapshot.in_flight > 0)
        if not busy or isinstance(self.screen, QuitDialog):
            self.exit()
        else:
            self.push_screen(QuitDialog(self.snapshot.in_flight, self.keymap.keys_of("quit")), self._left)

    def _left(self, yes: bool | None) -> None:
        if yes:
            self.exit()
        else:
            self.onward = None

    def set_up(self) -> None:
        """Leave for the set-up screen; asks while load is running."""
        self.onward = "setup"
        self.action_leave()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer every key in the palette."""
        del screen
        for key in keys_for(replay=self.replay):
            if key.palette:
                yield self._command(key)

    def _command(self, key: Key) -> SystemCommand:
        title = key.help[:1].upper() + key.help[1:]
        where = escape(f"{key.group} · {self.keymap.written(key.id)}")
        return SystemCommand(title, where, lambda: self.act(key.id))
