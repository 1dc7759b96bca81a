"""The user's hand on the load: what was asked for, what is being typed, where a pause resumes to."""

from __future__ import annotations

from session.view import Snapshot
from tui.ports import Controls, Ramp

MOST = 10_000
_GIVE_UP_S = 3.0


class Load:
    """Turns keys into ``set_concurrency`` at once, and shows the new target before the recording has it."""

    def __init__(self, controls: Controls, ramp: Ramp | None = None) -> None:
        self._controls = controls
        self._ramp = ramp
        self._wanted: int | None = None
        self._wanted_s = 0.0
        self._resume_to = 0
        self._snapshot: Snapshot | None = None
        self.typed = ""

    @property
    def target(self) -> int:
        """The concurrency asked for last."""
        if self._wanted is not None:
            return self._wanted
        return self._snapshot.concurrency if self._snapshot else 0

    def follow(self, snapshot: Snapshot) -> None:
        """Take in the recorded state, and whatever the ramp wants by now."""
        self._snapshot = snapshot
        overdue = snapshot.now_s - self._wanted_s > _GIVE_UP_S
        if self._wanted is not None and (snapshot.concurrency == self._wanted or overdue):
            self._wanted = None
        due = self._ramp.due(snapshot.now_s) if self._ramp else None
        if due is not None:
            self._send(due, "plan")

    def take_over(self) -> None:
        """End the ramp: the user drives now."""
        if self._ramp:
            self._ramp.cancel()
            self._ramp = None

    def set(self, n: int, by: str = "key") -> None:
        """Ask for a concurrency."""
        self.take_over()
        self.typed = ""
        self._send(n, by)

    def step(self, by: int) -> None:
        """One more or one less."""
        self.set(self.target + by)

    def double(self) -> None:
        """Twice as many; from 0 to 1."""
        self.set(max(1, self.target * 2))

    def halve(self) -> None:
        """Half as many; from 1 to 0."""
        self.set(self.target // 2)

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
            return "nothing to resume: ] starts load"
        self.set(resume_to, "resume")
        return None

    def digit(self, digit: str) -> None:
        """Type one more digit."""
        self.typed = (self.typed + digit).lstrip("0")[:5] or "0"

    def erase(self) -> None:
        """Take back the last digit."""
        self.typed = self.typed[:-1]

    def enter(self) -> str | None:
        """Set what was typed; return what to say where it was too much."""
        if not self.typed:
            return None
        wanted = int(self.typed)
        self.set(wanted)
        return f"{wanted:,} is too many: {MOST:,} is the most" if wanted > MOST else None

    def _send(self, n: int, by: str) -> None:
        n = max(0, min(MOST, n))
        self._wanted = n
        self._wanted_s = self._snapshot.now_s if self._snapshot else 0.0
        self._resume_to = 0
        self._controls.set_concurrency(n, by)
