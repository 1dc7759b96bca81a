"""All that a frame is drawn from: the snapshot, and what the user is doing."""

from __future__ import annotations

from dataclasses import dataclass, field

from session.marks import Mark
from session.view import Snapshot
from tui.keys import Keymap


@dataclass(frozen=True, slots=True)
class Tape:
    """Where a replay is, or how far back in a session that goes on."""

    position_s: float
    duration_s: float
    playing: bool
    speed: float
    marks: tuple[Mark, ...] = ()
    """Levels, notes and troubles, in order of time."""
    behind_s: float | None = None
    """How long ago this was, in a session that goes on; ``None``: a replay."""


@dataclass(frozen=True, slots=True)
class Look:
    """Which view is shown, and how."""

    view: str = "overview"
    large: str | None = None
    """The panel that fills the body."""
    row: int | None = None
    """The row of the view's list that was chosen, counted as it is sorted; ``None``: its usual one."""
    sort: str | None = None
    """The column by which the view's list is sorted; ``None``: as things came."""
    descending: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One frame."""

    snapshot: Snapshot
    target: float
    """What the user asked for, even before the recording has it: in flight, a second in an open loop, or a speed."""
    typed: str | None = None
    """Digits of a load that is being typed; ``None``: none is."""
    mode: str = "closed"
    """``closed``, ``open`` or ``trace``: what the load keys set."""
    frozen: bool = False
    tape: Tape | None = None
    """``None``: the present of a session."""
    problem: str | None = None
    flash: str | None = None
    """A message that goes away by itself."""
    chart: str = "time"
    """The chart that is shown where there is room for one: ``time``, ``level`` or ``roofline``."""
    span_s: int | None = 600
    """How much the time chart shows; ``None``: everything."""
    look: Look = Look()
    states: frozenset[str] = frozenset({"overview", "time"})
    """What decides which keys mean something: see :class:`tui.keys.Key`."""
    keys: Keymap = field(default_factory=Keymap)
    """Which keys do what, to be written on the screen."""

    @property
    def replay(self) -> bool:
        """Whether a recording is played that nobody writes any more."""
        return self.tape is not None and self.tape.behind_s is None

    @property
    def paused(self) -> bool:
        """Whether load was stopped and can be resumed."""
        return self.snapshot.paused and self.target == 0
