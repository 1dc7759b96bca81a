"""rooftop and the floor as clients: how each is called, and how what it tells is read. The others: peers.py."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bench.loadgen.judging import Account, Told, read_log, told_of
from bench.loadgen.processes import compile_c
from session.events import Event, Request, Tick
from session.gaps import value_of
from session.recording import Reader

HERE = Path(__file__).parent
PROMPT_TOKENS = 64


@dataclass(frozen=True, slots=True)
class Load:
    """What every client is asked for; ``hold_s`` is for those that take a time and not a number of requests."""

    streams: int
    requests: int
    tokens: int
    hold_s: float


Argv = Callable[[Load, str, Path], list[str]]
"""Makes a command from the load, the server's URL and an empty folder."""


@dataclass(frozen=True, slots=True)
class Client:
    """A row of the table."""

    name: str
    argv: Argv
    read: Callable[[Path], Account]
    """Reads what the client left in that folder."""
    env: dict[str, str] = field(default_factory=dict)
    tls: bool = False
    """It speaks TLS and believes SSL_CERT_FILE."""
    strict: bool = False
    """A request whose chunks it counts otherwise than the server is a fault of the bench."""
    parts: dict[str, str] = field(default_factory=dict)
    """Its processes, each by a piece of its command line, whose CPU is told apart."""


def ours() -> Client:
    """Return rooftop's pool in a process of its own, without engine and recording."""

    def argv(load: Load, url: str, folder: Path) -> list[str]:
        numbers = map(str, (load.streams, load.requests, load.tokens))
        return [sys.executable, str(HERE / "ours.py"), url, *numbers, str(folder / "told")]

    return Client("rooftop's pool", argv, _read_told, {"PYTHONPATH": str(HERE.parents[1])}, tls=True, strict=True)


def floor(folder: Path) -> Client:
    """Return the C client; builds it."""
    program = compile_c("floor", folder)

    def argv(load: Load, url: str, folder: Path) -> list[str]:
        numbers = map(str, (urlsplit(url).port, load.streams, load.requests, load.tokens))
        return [str(program), *numbers, str(folder / "told")]

    return Client("C floor", argv, _read_told, strict=True)


def session(workers: int) -> Client:
    """Return the whole program: command line, engine, load workers, recording."""

    def argv(load: Load, url: str, folder: Path) -> list[str]:
        return [
            sys.executable, "-m", "rooftop", "run", url, "--concurrency", str(load.streams),
            "--hold", f"{load.hold_s:.3f}s", "--prompt-tokens", str(PROMPT_TOKENS), "--output-tokens", str(load.tokens),
            "--workers", str(workers), "--gpus", "off", "-o", str(folder / "told"),
        ]  # fmt: skip

    name = "rooftop run" + (f", {workers} workers" if workers > 1 else "")
    parts = {"worker": "loadgen.worker", "engine": "-m engine", "command line": "-m rooftop"}
    env = {"PYTHONPATH": str(HERE.parents[1]), "ROOFTOP_API_KEY": ""}
    return Client(name, argv, _read_recording, env, tls=True, parts=parts)


def _read_told(folder: Path) -> Account:
    return Account(told_of(read_log(folder / "told")))


def _read_recording(folder: Path) -> Account:
    reader = Reader(folder / "told")
    events = reader.poll()
    reader.close()
    return account_of(events)


def account_of(events: Sequence[Event]) -> Account:
    """Return what a recording tells: requests without names, and gaps by bucket."""
    requests = [_request(event) for event in events if isinstance(event, Request) and event.error is None]
    ticks = [event for event in events if isinstance(event, Tick)]
    gaps = [value_of(bucket) * 1e3 for tick in ticks for bucket, n in tick.itl.items() for _ in range(n)]
    return Account(requests, gaps)


def _request(event: Request) -> Told:
    if event.ttft_s is None or event.last_s is None:
        return Told(None, None)
    tpot_ms = (event.last_s - event.ttft_s) / (event.output_tokens - 1) * 1e3 if event.output_tokens > 1 else None
    return Told(None, event.ttft_s * 1e3, None, tpot_ms)
