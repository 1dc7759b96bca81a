"""Recorded traffic of others: when requests came and how long they were. Mooncake's JSON lines and Azure's CSV."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import msgspec

from loadgen.trace_lines import Azure, TraceRequest, UnfitLine, azure, mooncake

MAX_REQUESTS = 1_000_000
MAX_HASH_IDS = 16_000_000
"""Of all requests together: 128 MiB."""
MAX_LINE_CHARACTERS = 4 << 20


class BadTrace(ValueError):
    """The file cannot be used; the text says where and why, in one line for the user, and quotes none of it."""


class TracePart(msgspec.Struct, frozen=True, kw_only=True):
    """A trace file, and how much of it is sent."""

    path: str
    """Absolute: several processes read it."""
    requests: int | None = None
    """The first so many of the file."""
    seconds: float | None = None
    """Those that came within so many seconds of the trace's first."""

    @property
    def name(self) -> str:
        """The file's name without its folders, printable."""
        return _printable(Path(self.path).name)


class Trace:
    """Requests in flat arrays: a million of them take 24 MB, and 8 bytes a hash id; none weighs on the collector."""

    def __init__(self, requests: Iterable[TraceRequest] = ()) -> None:
        self.at_s = array("d")
        """Seconds since the trace's first request, in order."""
        self.prompt_tokens = array("i")
        self.output_tokens = array("i")
        self._hash_ids = array("q")
        self._ends = array("q", [0])
        """Where each request's hash ids end in the array of all."""
        for request in requests:
            self.add(request)

    def add(self, request: TraceRequest) -> None:
        """Append a request."""
        self.at_s.append(request.at_s)
        self.prompt_tokens.append(request.prompt_tokens)
        self.output_tokens.append(request.output_tokens)
        self._hash_ids.extend(request.hash_ids)
        self._ends.append(len(self._hash_ids))

    def __len__(self) -> int:
        return len(self.at_s)

    def __getitem__(self, number: int) -> TraceRequest:
        return TraceRequest(
            self.at_s[number], self.prompt_tokens[number], self.output_tokens[number], tuple(self.hash_ids(number))
        )

    def __iter__(self) -> Iterator[TraceRequest]:
        return map(self.__getitem__, range(len(self)))

    def hash_ids(self, number: int) -> array[int]:
        """Return the names of a request's blocks."""
        return self._hash_ids[self._ends[number] : self._ends[number + 1]]

    @property
    def hash_ids_kept(self) -> int:
        """How many hash ids are held, of all requests."""
        return len(self._hash_ids)

    @property
    def duration_s(self) -> float:
        """From the first request to the last."""
        return self.at_s[-1] if self.at_s else 0.0

    def share(self, worker: int, workers: int) -> Trace:
        """Return one worker's turns: every n-th request."""
        return Trace(self[number] for number in range(worker, len(self), workers))


def read_trace(part: TracePart) -> Trace:
    """Read a trace, in order of time from its first request on; raises :class:`BadTrace`."""
    shown = _printable(part.path)
    try:
        read = _read(part, shown)
    except UnicodeDecodeError:
        raise BadTrace(f"{shown}: is not UTF-8") from None
    except OSError as error:
        raise BadTrace(f"{shown}: cannot be read: {error.strerror}") from None
    if not len(read):
        raise BadTrace(f"{shown}: holds no request")
    return _in_order(read, part.seconds)


def _read(part: TracePart, shown: str) -> Trace:
    path = Path(part.path)
    if path.exists() and not path.is_file():
        raise BadTrace(f"{shown}: is no file")
    read = Trace()
    most = MAX_REQUESTS if part.requests is None else min(part.requests, MAX_REQUESTS)
    for request in _requests(path, shown):
        if len(read) == most:
            if part.requests is None:
                raise BadTrace(f"{shown}: holds more than {most:,} requests; --trace-limit {most} takes the first ones")
            break
        read.add(request)
        if read.hash_ids_kept > MAX_HASH_IDS:
            raise BadTrace(
                f"{shown}: its first {len(read):,} requests hold more than {MAX_HASH_IDS:,} hash ids; "
                f"--trace-limit {len(read) - 1} takes those before"
            )
    return read


def _requests(path: Path, shown: str) -> Iterator[TraceRequest]:
    parse: Azure | None = None
    for line, text in enumerate(_lines(path, shown), 1):
        if line == 1 and (parse := azure(text)) is not None:
            continue
        if not text.strip():
            continue
        try:
            request = parse(text) if parse is not None else mooncake(text)
        except (ValueError, RecursionError) as error:
            why = str(error) if isinstance(error, UnfitLine) else "is neither Mooncake's JSON lines nor Azure's CSV"
            raise BadTrace(f"{shown}, line {line}: {why}") from None
        yield request


def _lines(path: Path, shown: str) -> Iterator[str]:
    with path.open(encoding="utf-8-sig") as file:
        for text in iter(lambda: file.readline(MAX_LINE_CHARACTERS + 1), ""):
            if len(text) > MAX_LINE_CHARACTERS:
                raise BadTrace(f"{shown}: has a line of more than {MAX_LINE_CHARACTERS >> 20} Mi characters")
            yield text


def _in_order(read: Trace, seconds: float | None) -> Trace:
    """Sort by time, count from the first, and leave out what came later than asked for."""
    if any(later < earlier for earlier, later in pairwise(read.at_s)):
        read = Trace(read[number] for number in sorted(range(len(read)), key=read.at_s.__getitem__))
    first_s = read.at_s[0]
    read.at_s = array("d", (round(at_s - first_s, 6) for at_s in read.at_s))
    if seconds is None or read.duration_s < seconds:
        return read
    return Trace(request for request in read if request.at_s < seconds)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)
