"""The user's hand on a recording: seeks and speeds, in a replay and in the past of a running session."""

from __future__ import annotations

import time
from collections.abc import Callable

from session.marks import Mark
from session.view import Snapshot
from tui.draw.clean import clean
from tui.draw.fmt import clock as clock_text
from tui.ports import Transport
from tui.scene import Tape

SLOWEST, FASTEST = 0.25, 32.0
HELD_S = 0.3
"""Repeats of a key nearer to each other than this are one key that is held."""
REST_S = 0.15
"""Keys rest when the last one is this old."""
FOLD_APART_S = 0.25
"""While a key is held the picture follows this often at most."""
FOLD_SHARE = 4
"""While a key is held, so many times what the last picture took pass before the next: keys come first."""
STEPS = ((0.0, 1.0), (1.0, 5.0), (2.0, 15.0), (3.5, 60.0))
"""From how many seconds of holding on, and how many seconds of the recording a repeat goes."""
PRESENT = "this is the present: {back} goes back in time, {freeze} freezes the view"
"""Said where one cannot go on; ids of keys in braces, see :meth:`tui.keys.Keymap.fill`."""
BACK_S = 2.0
"""A key that goes back to a mark passes by one that is nearer than this, or it could never leave it."""


class Winder:
    """How far an arrow goes: further the longer it is held."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since = self._last = float("-inf")
        self._direction = 0

    @property
    def idle_s(self) -> float:
        """Seconds since the last press."""
        return self._clock() - self._last

    def step(self, direction: int) -> float:
        """Return the seconds that this press goes; negative: back."""
        now = self._clock()
        if direction != self._direction or now - self._last > HELD_S:
            self._since = now
        self._direction, self._last = direction, now
        held_s = now - self._since
        return direction * next(step for begin_s, step in reversed(STEPS) if held_s >= begin_s)

    def touch(self) -> None:
        """Any other key that seeks: what was held is held no more."""
        self._direction, self._last = 0, self._clock()


class Deck:
    """Turns keys into seeks and speeds, within the recording and within reason.

    A seek is wanted at once and shown by :meth:`tape` at once; the transport hears of it in :meth:`settle`, at most a
    few times a second while a key is held, since the picture of an instant takes a fold.
    """

    def __init__(self, transport: Transport, clock: Callable[[], float] = time.monotonic) -> None:
        self._transport = transport
        self._clock = clock
        self._winder = Winder(clock)
        self._wanted_s: float | None = None
        self._settled_s = float("-inf")
        self._took_s = 0.0

    @property
    def growing(self) -> bool:
        """Whether the end is the present of a session that goes on."""
        return self._transport.growing

    @property
    def duration_s(self) -> float:
        """Length of the recording so far."""
        return self._transport.duration_s

    @property
    def position_s(self) -> float:
        """What is looked at, or will be when the keys rest."""
        return self._transport.position_s if self._wanted_s is None else self._wanted_s

    @property
    def away(self) -> bool:
        """Whether a running session's past is looked at."""
        return self._transport.growing and (not self._transport.present or self._wanted_s is not None)

    def start_from(self, t_s: float) -> None:
        """Begin at the instant of a frozen picture, where the present has gone on since."""
        if self._transport.present:
            self._want(t_s)

    def play_pause(self) -> str | None:
        """Stop, or go on; return what to say where the present cannot be stopped."""
        self.settle(force=True)
        if not self.away and self._transport.present:
            return PRESENT
        self._transport.play_pause()
        return None

    @property
    def past(self) -> Snapshot | None:
        """What a running session looked like at the position; ``None`` at its present, and in a replay."""
        return self._transport.past

    def wind(self, direction: int) -> str | None:
        """One press of an arrow, or one repeat of it; return what to say where there is nowhere to go."""
        self._want(self.position_s + self._winder.step(direction))
        return self._nowhere(direction)

    def move(self, by_s: float) -> str | None:
        """Go back or ahead; return what to say where there is nowhere to go."""
        self.go(self.position_s + by_s)
        return self._nowhere(1 if by_s > 0 else -1)

    def _nowhere(self, direction: int) -> str | None:
        return PRESENT if direction > 0 and self._transport.present and not self.away else None

    def go(self, t_s: float) -> None:
        """Go to a time."""
        self._winder.touch()
        self._want(t_s)

    def end(self) -> None:
        """Go to the end; of a session that goes on, to its present."""
        self.go(self._transport.duration_s)
        self.settle(force=True)

    def next_level(self, direction: int) -> str:
        """Go to the next level, or the one before; return what to say."""
        return self._to_mark(direction, "level", lambda mark: mark.kind == "level")

    def next_event(self, direction: int) -> str:
        """Go to the next note or trouble, or the one before; return what to say."""
        return self._to_mark(direction, "note or event", lambda mark: mark.kind != "level")

    def faster(self, factor: float) -> str:
        """Multiply the speed; return what it is now."""
        if self._transport.present and not self.away:
            return PRESENT
        speed = max(SLOWEST, min(FASTEST, self._transport.speed * factor))
        self._transport.speed = speed
        return f"replay speed ×{speed:g}"

    @property
    def ready(self) -> bool:
        """Whether the picture may follow now: the keys rest, or the last picture is old enough."""
        apart_s = max(FOLD_APART_S, FOLD_SHARE * self._took_s)
        return self._winder.idle_s >= REST_S or self._clock() - self._settled_s >= apart_s

    def settle(self, *, force: bool = False) -> bool:
        """Tell the transport what is wanted, unless a key is held and the last picture is young; return whether.

        Raises ``OSError`` or ``ValueError`` where the recording cannot be read; the wish is then dropped.
        """
        if self._wanted_s is None or not (force or self.ready):
            return False
        wanted_s, self._wanted_s = self._wanted_s, None
        self._settled_s = self._clock()
        self._transport.seek(wanted_s)
        return True

    def took(self, seconds: float) -> None:
        """Hear how long the picture of a new instant took."""
        self._took_s = seconds
        self._settled_s = self._clock()

    def tape(self) -> Tape | None:
        """Return what is shown of it; at the present there is nothing to show."""
        deck = self._transport
        if deck.growing and not self.away:
            return None
        behind_s = max(0.0, deck.duration_s - self.position_s) if deck.growing else None
        playing = deck.playing and not deck.present
        return Tape(self.position_s, deck.duration_s, playing, deck.speed, tuple(deck.marks), behind_s)

    def _want(self, t_s: float) -> None:
        if not (self._transport.present and t_s >= self._transport.duration_s):
            self._wanted_s = max(0.0, min(self._transport.duration_s, t_s))

    def _to_mark(self, direction: int, what: str, wanted: Callable[[Mark], bool]) -> str:
        marks = [mark for mark in self._transport.marks if wanted(mark)]
        here_s = self.position_s
        if direction > 0:
            found = next((mark for mark in marks if mark.t_s > here_s + 1e-6), None)
        else:
            near_s = BACK_S * max(1.0, self._transport.speed) if self._transport.playing else 1e-6
            found = next((mark for mark in reversed(marks) if mark.t_s < here_s - near_s), None)
        if found is None:
            return f"no {what} {'after' if direction > 0 else 'before'} {clock_text(here_s)}"
        self.go(found.t_s)
        name = "load" if found.kind == "level" else found.kind
        return f"{clock_text(found.t_s)}  {name} {clean(found.text)}  ({marks.index(found) + 1} of {len(marks)})"
