"""All that is folded of a session, as data: what a checkpoint holds.

A room that is added here is a ``msgspec.Struct`` (or a dataclass) whose fields are typed, with a default: then it is
written to checkpoints and checked when they are read (``session/checkpoints.py``) without another line.
"""

from __future__ import annotations

import msgspec

from session.book import Book
from session.devices import RecentReadings
from session.events import Gpu, Header, Model, Server, Source, Tick
from session.finished import Finished
from session.gpu_history import Throttled
from session.marks import Marks
from session.memory import Memory
from session.servers import ServerFold
from session.view import LogLine
from session.window import Series, Window

RECENT_S = 4.0
"""Window of the live verdict: four readings at 1 Hz."""
LOG_KEPT = 200


class Kept(msgspec.Struct):
    """The folded state; :class:`session.fold.State` adds events to it, ``session/summary.py`` reads it."""

    header: Header
    prompt_tokens: int
    output_len: int
    t_s: float = 0.0
    """Time of the newest event."""
    server: Server | None = None
    model: Model | None = None
    kv_cache_dtype: str | None = None
    gpus: dict[int, Gpu] = {}
    book: Book = msgspec.field(default_factory=Book)
    paused: bool = False
    resume_to: float = 0.0
    window: Window = msgspec.field(default_factory=Window)
    series: Series = msgspec.field(default_factory=Series)
    recent_server: ServerFold = msgspec.field(default_factory=lambda: ServerFold(RECENT_S))
    recent_gpus: dict[int, RecentReadings] = {}
    in_flight: dict[int, int] = {}
    health: dict[int, Tick] = {}
    lost_workers: int = 0
    sources: dict[str, Source] = {}
    seen_s: dict[str, float] = {}
    errors: dict[str, int] = {}
    last_error: LogLine | None = None
    requests: int = 0
    replayed: int = 0
    """Requests of the trace that ended."""
    output_tokens: int = 0
    log: list[LogLine] = []
    finished: Finished = msgspec.field(default_factory=Finished)
    throttled: Throttled = msgspec.field(default_factory=Throttled)
    marks: Marks = msgspec.field(default_factory=Marks)
    ended: str | None = None
    memory: Memory = msgspec.field(default_factory=Memory)

    @classmethod
    def of(cls, header: Header) -> Kept:
        """Begin with nothing."""
        return cls(header, header.prompt_tokens, header.output_tokens)

    def say(self, line: LogLine) -> None:
        """Add a line to the log."""
        self.log.append(line)
        if len(self.log) > LOG_KEPT:
            del self.log[:-LOG_KEPT]
