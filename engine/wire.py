"""What a screen or a script says to the engine, and what it hears: one JSON object a line, over pipes."""

from __future__ import annotations

from typing import Literal

import msgspec

from loadgen.arrivals import Arrivals
from loadgen.plan import ClientName, Workload
from loadgen.traces import TracePart
from session.events import Shape, Trace


class Open(msgspec.Struct, tag="open", kw_only=True):
    """First line to the engine. Credentials travel here, never in an argument list."""

    version: str
    """Of rooftop, for the recording's header."""
    url: str
    authorization: str | None
    path: str
    """The recording to create."""
    limit_bytes: int | None = None
    """Beyond so much the recording goes on in another file."""
    workload: Workload
    model: str | None
    concurrency: int
    rate: float | None = None
    """Begin with an open loop at this rate, in requests a second, in place of a concurrency."""
    arrivals: Arrivals = Arrivals()
    trace: TracePart | None = None
    """What is replayed; the load begins with it."""
    trace_speed: float = 1.0
    trace_info: Trace | None = None
    """Of the trace, for the recording's header."""
    model_len: int | None = None
    """Most tokens of a request, where the server has said it already."""
    slo: dict[str, float] = {}
    """Bounds of a good request in seconds, for the recording's header."""
    warmup_s: float | None = None
    """Length of each level's warm-up, for the recording's header."""
    workers: int
    client: ClientName = "native"
    gpus: Literal["auto", "local", "off"]
    exporters: list[str] = []
    """URLs of GPU exporters, read in place of this machine's GPUs; they may hold credentials."""
    simulated: bool
    tp: int | None
    model_shape: str | None
    shape: Shape | None = None
    """Of the model, where the user gave its ``config.json``."""
    gpu: str | None = None
    """Key in the built-in table, where the user said it."""
    max_num_seqs: int | None = None
    gpu_hour: float | None = None


class SetConcurrency(msgspec.Struct, tag="concurrency"):
    """Keep so many requests in flight; ``by`` says who wants it."""

    concurrency: int
    by: str


class SetRate(msgspec.Struct, tag="rate"):
    """Send so many requests a second, whatever is in flight; ``by`` says who wants it."""

    rate: float
    by: str


class SetSpeed(msgspec.Struct, tag="speed"):
    """Replay the trace at this speed, from where it is; ``by`` says who wants it."""

    speed: float
    by: str


class SetLengths(msgspec.Struct, tag="lengths"):
    """Send requests of these lengths, in tokens."""

    prompt_tokens: int
    output_tokens: int


class Mark(msgspec.Struct, tag="mark"):
    """Put a note into the recording."""

    text: str


class Stop(msgspec.Struct, tag="stop"):
    """End the session; requests in flight get ``drain_s`` seconds to end by themselves."""

    drain_s: float
    reason: str


class Ready(msgspec.Struct, tag="ready"):
    """The recording exists."""

    path: str


class Failed(msgspec.Struct, tag="failed"):
    """The session cannot go on; one line for the user."""

    reason: str


class Trouble(msgspec.Struct, tag="trouble"):
    """Something is wrong and the session goes on; one line for the user, ``None`` when it is over."""

    reason: str | None


ToEngine = Open | SetConcurrency | SetRate | SetSpeed | SetLengths | Mark | Stop
FromEngine = Ready | Failed | Trouble

_encoder = msgspec.json.Encoder()
_to_engine: msgspec.json.Decoder[ToEngine] = msgspec.json.Decoder(ToEngine)
_from_engine: msgspec.json.Decoder[FromEngine] = msgspec.json.Decoder(FromEngine)


def encode(message: ToEngine | FromEngine) -> bytes:
    """Return one line."""
    return _encoder.encode(message) + b"\n"


def decode_to_engine(line: bytes) -> ToEngine:
    """Return the order of a line."""
    return _to_engine.decode(line)


def decode_from_engine(line: bytes) -> FromEngine:
    """Return the answer of a line."""
    return _from_engine.decode(line)
