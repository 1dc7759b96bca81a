"""The user's hand on the load: what was asked for, what is being typed, where a pause resumes to."""

from __future__ import annotations

from session.view import Snapshot
from tui.ports import Controls, Ramp

MOST = 10_000
"""Requests in flight, and requests a second."""
FASTEST, SLOWEST = 1_000, 0.01
"""Seconds of a trace a second."""
SPEED_STEP = 0.1
_GIVE_UP_S = 3.0


class Load:
    """Turns keys into orders at once, and shows the new target before the recording has it.

    The same keys set requests in flight in a closed loop, requests a second in an open one, and a trace's speed.
    """

    def __init__(self, controls: Controls, ramp: Ramp | None = None) -> None:
        self._controls = controls
        self._ramp = ramp
        self._wanted: tuple[str, float] | None = None
        self._wanted_s = 0.0
        self._resume_to = 0.0
        self._snapshot: Snapshot | None = None
        self.typed: str | None = None
        """Digits of a load that is being typed; ``None``: none is."""

    @property
    def target(self) -> float:
        """What was asked for last: requests in flight, requests a second in an open loop, or a trace's speed."""
        if self._wanted is not None:
            return self._wanted[1]
        return self._snapshot.amount if self._snapshot else 0

    @property
    def mode(self) -> str:
        """``closed``, ``open`` or ``trace``, as asked for last."""
        if self._wanted is not None:
            return self._wanted[0]
        return self._snapshot.mode if self._snapshot else "closed"

    @property
    def told(self) -> str:
        """What was asked for last, in words."""
        unit = {"open": " requests a second", "trace": "", "closed": " in flight"}[self.mode]
        return f"{'trace ×' if self.mode == 'trace' else ''}{self.target:,g}{unit}"

    def follow(self, snapshot: Snapshot) -> None:
        """Take in the recorded state, and whatever the ramp wants by then."""
        self._snapshot = snapshot
        overdue = snapshot.now_s - self._wanted_s > _GIVE_UP_S
        if self._wanted is not None and ((snapshot.mode, snapshot.amount) == self._wanted or overdue):
            self._wanted = None
        self.keep_to_plan(snapshot.now_s)

    def keep_to_plan(self, now_s: float) -> None:
        """Set what the ramp wants by now."""
        if self._ramp and (due := self._ramp.due(now_s)) is not None:
            self._send(self._ramp.mode, due, "plan")

    def take_over(self) -> None:
        """End the ramp: the user drives now."""
        if self._ramp:
            self._ramp.cancel()
            self._ramp = None

    def set(self, n: float, by: str = "key") -> str | None:
        """Ask for so much, in the mode that is on; return what to say where a trace has none of it left."""
        self.take_over()
        self.typed = None
        if self.mode == "trace" and self._trace_is_over():
            return "all of the trace has been sent: {closed} or {open} sets another load"
        self._send(self.mode, n, by)
        return None

    def _trace_is_over(self) -> bool:
        trace = self._snapshot.trace if self._snapshot else None
        return trace is not None and trace.ended >= trace.requests

    def switch(self, mode: str) -> str | None:
        """Close or open the loop at about the load there is; return what to say where it is so already.

        The numbers of the two modes mean different things: 256 in flight may be 12 requests a second. So an open loop
        goes on at the rate at which requests ended, and a closed one with what is in flight.
        """
        if mode == self.mode:
            return f"the loop is {mode} already"
        n = self._as_much(mode) if self.target > 0 else 0
        self.take_over()
        self.typed = None
        self._send(mode, n, "key")
        return None

    def _as_much(self, mode: str) -> int:
        snapshot = self._snapshot
        if snapshot is None:
            return 1
        seen = snapshot.rates.requests_s if mode == "open" else snapshot.in_flight
        return max(1, round(seen or 0))

    def step(self, by: int) -> str | None:
        """One more or one less; of a trace's speed a tenth."""
        if self.mode == "trace":
            return self.set(round(self.target + by * SPEED_STEP, 6))
        return self.set(int(self.target) + by)

    def double(self) -> str | None:
        """Twice as many; from 0 to 1."""
        return self.set(self.target * 2 or 1)

    def halve(self) -> str | None:
        """Half as many, from 1 to 0; a trace goes on at half its speed."""
        if self.mode == "trace":
            return self.set(max(SLOWEST, self.target / 2) if self.target else 0)
        return self.set(int(self.target) // 2)

    def pause(self) -> str | None:
        """Stop, or resume where it was; return what to say where there is nothing to resume."""
        if self.target > 0:
            stopped_at = self.target
            self.set(0, "pause")
            self._resume_to = stopped_at
            return None
        recorded = self._snapshot.resume_to if self._snapshot and self._snapshot.paused else 0
        resume_to = self._resume_to or recorded
        if not resume_to:
            return "nothing to resume: {double} starts load"
        self.set(resume_to, "resume")
        return None

    def type(self) -> None:
        """Begin to type a load."""
        self.typed = ""

    def digit(self, digit: str) -> None:
        """Type one more digit."""
        self.typed = ((self.typed or "") + digit).lstrip("0")[:5] or "0"

    def erase(self) -> None:
        """Take back the last digit."""
        self.typed = (self.typed or "")[:-1]

    def cancel(self) -> None:
        """Type no more."""
        self.typed = None

    def enter(self) -> str | None:
        """Set what was typed; return what to say where it was too much."""
        if not self.typed:
            self.typed = None
            return None
        wanted = int(self.typed)
        most = _most(self.mode)
        if (why := self.set(wanted)) is not None:
            return why
        return f"{wanted:,} is too many: {most:,} is the most" if wanted > most else None

    def _send(self, mode: str, n: float, by: str) -> None:
        n = max(0, min(_most(mode), n))
        self._wanted = (mode, n)
        self._wanted_s = self._snapshot.now_s if self._snapshot else 0.0
        self._resume_to = 0.0
        if mode == "trace":
            self._controls.set_speed(n, by)
        elif mode == "open":
            self._controls.set_rate(n, by)
        else:
            self._controls.set_concurrency(round(n), by)


def _most(mode: str) -> int:
    return FASTEST if mode == "trace" else MOST
