"""What the engine says to a load worker, and what it hears: one JSON object a line, over pipes.

The key travels here and in no argument list.
"""

from __future__ import annotations

import msgspec

from loadgen.arrivals import Arrivals
from loadgen.plan import ClientName, Workload
from loadgen.traces import TracePart
from session.events import Event


class Start(msgspec.Struct, tag="start", kw_only=True):
    """First line to a worker."""

    worker: int
    url: str
    authorization: str | None
    workload: Workload
    model: str | None
    origin_ns: int
    trace: TracePart | None = None
    """Read before the first word to the engine."""
    client: ClientName = "native"


class Goal(msgspec.Struct, tag="goal"):
    """Keep so many requests in flight."""

    concurrency: int
    level: int
    """Number of the level that this begins, for the requests sent under it."""


class Rate(msgspec.Struct, tag="rate", kw_only=True):
    """Send requests as they are due, this worker's turns of them; 0 stops."""

    rate_s: float
    """Of all workers together."""
    from_ns: int
    """Where the sequence begins on the monotonic clock, the same for all workers."""
    draw: int
    """How often a rate was set before."""
    workers: int
    max_in_flight: int
    """Of this worker."""
    arrivals: Arrivals
    level: int
    """Number of the level that this begins, for the requests sent under it."""


class Replay(msgspec.Struct, tag="replay", kw_only=True):
    """Send this worker's turns of the trace that have not been sent, as they are due; a speed of 0 stops."""

    speed: float
    """Seconds of the trace a second."""
    from_ns: int
    """An instant of the monotonic clock, the same for all workers …"""
    position_s: float
    """… and where in the trace it is."""
    max_in_flight: int
    """Of this worker."""
    model_len: int | None
    """Most tokens of a request's prompt and output together, where the server said it."""
    level: int
    """Number of the level that this begins, for the requests sent under it."""

    def due_ns(self, at_s: float) -> int:
        """Return when a request is due that came ``at_s`` seconds after the trace's first."""
        return self.from_ns + max(0, round((at_s - self.position_s) / self.speed * 1e9))


class Change(msgspec.Struct, tag="change"):
    """Send requests of this shape, to this model."""

    workload: Workload
    model: str | None
    level: int


class Cancel(msgspec.Struct, tag="cancel"):
    """End what runs now."""


class Quit(msgspec.Struct, tag="quit"):
    """Wait until nothing is in flight, then exit."""


class Batch(msgspec.Struct, tag="batch"):
    """What a worker saw; nothing older than ``upto_s`` will follow."""

    upto_s: float
    events: list[Event]
    left: int | None = None
    """Requests of the trace that have not ended yet; ``None`` before it has begun."""


ToWorker = Start | Goal | Rate | Replay | Change | Cancel | Quit

_encoder = msgspec.json.Encoder()
_to_worker: msgspec.json.Decoder[ToWorker] = msgspec.json.Decoder(ToWorker)
_batch = msgspec.json.Decoder(Batch)


def encode(message: ToWorker | Batch) -> bytes:
    """Return one line."""
    return _encoder.encode(message) + b"\n"


def decode_to_worker(line: bytes) -> ToWorker:
    """Return the message of a line."""
    return _to_worker.decode(line)


def decode_batch(line: bytes) -> Batch:
    """Return the batch of a line."""
    return _batch.decode(line)
