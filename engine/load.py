"""What load is wanted: so many in flight, so many a second, or a trace at a speed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from session.events import Level


@dataclass(frozen=True, slots=True)
class Load:
    """One of the three; by default a closed loop of nothing."""

    concurrency: int = 0
    rate: float | None = None
    """Open loop: requests a second."""
    speed: float | None = None
    """Trace: its seconds a second."""

    @property
    def arrives(self) -> bool:
        """Whether requests are due at instants that must not wait for a process to start."""
        return bool(self.rate or self.speed)

    def __bool__(self) -> bool:
        return bool(self.concurrency) or self.arrives

    def stopped(self) -> Load:
        """Return the same mode with nothing wanted."""
        return replace(
            self,
            concurrency=0,
            rate=None if self.rate is None else 0.0,
            speed=None if self.speed is None else 0.0,
        )

    def event(self, t_s: float, by: str) -> Level:
        """Return the event that says so."""
        mode = "trace" if self.speed is not None else "closed" if self.rate is None else "open"
        return Level(t_s=t_s, concurrency=self.concurrency, by=by, mode=mode, rate=self.rate, speed=self.speed)
