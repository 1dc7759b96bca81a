"""What the screen needs from outside, as protocols; live sessions, replays and tests fill them in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from session.marks import Mark
from session.view import Snapshot


class Transport(Protocol):
    """The tape controls of a replay, and of a session whose recording is still being written."""

    @property
    def growing(self) -> bool:
        """Whether the end is the present of a session that goes on."""
        ...

    @property
    def present(self) -> bool:
        """Whether that present is looked at; never in a replay."""
        ...

    @property
    def past(self) -> Snapshot | None:
        """The state at the position, where the session's ``refresh`` returns a later one."""
        ...

    @property
    def duration_s(self) -> float:
        """Length of the recording; in a session that goes on, up to now."""
        ...

    @property
    def position_s(self) -> float:
        """What is looked at."""
        ...

    @property
    def playing(self) -> bool:
        """Whether it moves by itself."""
        ...

    @property
    def marks(self) -> Sequence[Mark]:
        """Levels, notes and troubles, in order of time; the same object until there are more."""
        ...

    speed: float
    """Recorded seconds per second."""

    def play_pause(self) -> None:
        """Stop, or go on; at the end of a replay, from its start."""

    def seek(self, t_s: float) -> None:
        """Go to a time of the recording; at the end of a session that goes on, to its present.

        Cheap: what is there is folded by the session's next ``refresh``. May raise ``OSError`` or ``ValueError``
        where the recording cannot be read.
        """


class Session(Protocol):
    """Where snapshots come from; a live session and a replay look the same."""

    @property
    def transport(self) -> Transport | None:
        """``None``: it cannot be wound."""
        ...

    @property
    def path(self) -> str:
        """The recording."""
        ...

    def read(self) -> None:
        """Read what is new. Called about five times a second on the UI thread, so it must be cheap."""

    def refresh(self) -> Snapshot:
        """Read what is new, sum it up and return the session's present, or a replay's position. About once a second."""
        ...


class Controls(Protocol):
    """The load."""

    def set_concurrency(self, n: int, by: str = "key") -> None:
        """Keep ``n`` requests in flight from now on."""

    def set_rate(self, rate: float, by: str = "key") -> None:
        """Send ``rate`` requests a second from now on, whatever is in flight."""

    def set_speed(self, speed: float, by: str = "key") -> None:
        """Replay the trace at this speed from now on, from where it is."""

    def set_workload(self, prompt_tokens: int, output_tokens: int) -> None:
        """Lengths of the requests from now on."""

    def note(self, text: str) -> None:
        """Put a mark of the user into the recording."""

    def problem(self) -> str | None:
        """What is wrong with the load generator, in one line; ``None`` while it is well."""
        ...


class Ramp(Protocol):
    """Load levels on a script, until the user takes over."""

    @property
    def mode(self) -> str:
        """``closed``: its levels are concurrencies; ``open``: requests a second."""
        ...

    def due(self, now_s: float) -> float | None:
        """Return the level to set now, if any."""
        ...

    def cancel(self) -> None:
        """The user has taken over."""
