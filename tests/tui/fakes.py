"""A session, a load and a tape that remember what was asked of them."""

from __future__ import annotations

from dataclasses import replace

from session.marks import Mark
from session.view import Snapshot
from tests.tui import samples
from tui.ports import Transport


class FakeSession:
    def __init__(self, snapshot: Snapshot | None = None, transport: Transport | None = None) -> None:
        self.snapshot = snapshot or samples.live()
        self.transport = transport
        self.path = "recordings/sample.rooftop"
        self.reads = self.bites = 0

    def read(self) -> None:
        """There is nothing to read."""
        self.bites += 1

    def refresh(self) -> Snapshot:
        self.reads += 1
        return self.snapshot

    def change(self, **fields: object) -> None:
        self.snapshot = replace(self.snapshot, **fields)  # type: ignore[arg-type]


class FakeControls:
    def __init__(self) -> None:
        self.sets: list[tuple[int, str]] = []
        self.rates: list[tuple[float, str]] = []
        self.speeds: list[tuple[float, str]] = []
        self.workloads: list[tuple[int, int]] = []
        self.notes: list[str] = []
        self.trouble: str | None = None

    def set_concurrency(self, n: int, by: str = "key") -> None:
        self.sets.append((n, by))

    def set_rate(self, rate: float, by: str = "key") -> None:
        self.rates.append((rate, by))

    def set_speed(self, speed: float, by: str = "key") -> None:
        self.speeds.append((speed, by))

    def set_workload(self, prompt_tokens: int, output_tokens: int) -> None:
        self.workloads.append((prompt_tokens, output_tokens))

    def note(self, text: str) -> None:
        self.notes.append(text)

    def problem(self) -> str | None:
        return self.trouble


class FakeTape:
    growing = False
    present = False
    past: Snapshot | None = None

    def __init__(self, position_s: float = 60.0, marks: tuple[Mark, ...] = ()) -> None:
        self.marks = marks
        self.duration_s = 185.0
        self.position_s = position_s
        self.playing = True
        self.speed = 1.0

    def play_pause(self) -> None:
        self.playing = not self.playing

    def seek(self, t_s: float) -> None:
        self.position_s = t_s


class FakePast(FakeTape):
    """Stands a while back in a session that goes on."""

    growing = True
    past = samples.live(1, 5)

    def __init__(self, position_s: float = 105.0, marks: tuple[Mark, ...] = ()) -> None:
        super().__init__(position_s, marks)
        self.playing = False


class FakeRamp:
    def __init__(self, *levels: int) -> None:
        self.levels = list(levels)
        self.mode = "closed"
        self.cancelled = False

    def due(self, now_s: float) -> int | None:
        return self.levels.pop(0) if self.levels else None

    def cancel(self) -> None:
        self.cancelled = True
