"""Recorded traffic of others: when requests came and how long they were. Mooncake's JSON lines and Azure's CSV."""

from __future__ import annotations

import csv
import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from random import Random

from loadgen.lengths import MAX_TOKENS

BLOCK_TOKENS = 512
"""What one of Mooncake's hash ids stands for."""
MAX_LINES = 1_000_000
MAX_LINE_CHARACTERS = 4 << 20
BLOCKS_KEPT = 4096
AZURE_COLUMNS = ("TIMESTAMP", "ContextTokens", "GeneratedTokens")


class BadTrace(ValueError):
    """The file cannot be used; the text says where and why, in one line for the user."""


@dataclass(frozen=True, slots=True)
class TraceRequest:
    """One request of a trace: seconds since the trace's first, lengths in tokens.

    ``hash_ids`` name the prompt's blocks of 512 tokens: equal ids at the same place mean equal tokens.
    """

    at_s: float
    prompt_tokens: int
    output_tokens: int
    hash_ids: tuple[int, ...] = ()


class Blocks:
    """Turns hash ids into token ids, so that prompts share what they shared when the trace was taken."""

    def __init__(self, seed: int, low: int, high: int) -> None:
        self._seed = seed
        self._ids = range(low, high)
        self._block = functools.lru_cache(BLOCKS_KEPT)(self._draw)

    def prompt(self, request: TraceRequest, own: Random) -> list[int]:
        """Return a prompt of the request's exact length; ``own`` draws the tokens that no hash id covers."""
        ids = [token for number in request.hash_ids for token in self._block(number)][: request.prompt_tokens]
        return ids + own.choices(self._ids, k=request.prompt_tokens - len(ids))

    def _draw(self, number: int) -> list[int]:
        return Random(f"{self._seed}/block/{number}").choices(self._ids, k=BLOCK_TOKENS)


def read_trace(path: Path) -> list[TraceRequest]:
    """Read a trace, up to its first million lines, in order of time; raises :class:`BadTrace`."""
    line = 0
    requests: list[TraceRequest] = []
    try:
        parse: _Azure | None = None
        for line, text in islice(enumerate(_lines(path), 1), MAX_LINES):
            if line == 1 and (parse := _azure(text)) is not None:
                continue
            if text.strip():
                requests.append(parse(text) if parse is not None else _mooncake(text))
    except BadTrace:
        raise
    except UnicodeDecodeError:
        raise BadTrace(f"{_shown(path)}, after line {line}: is not UTF-8") from None
    except (ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, _Wrong) else "is neither Mooncake's JSON lines nor Azure's CSV"
        raise BadTrace(f"{_shown(path)}, line {line}: {why}") from None
    except OSError as error:
        raise BadTrace(f"{_shown(path)}: cannot be read: {error.strerror}") from None
    if not requests:
        raise BadTrace(f"{_shown(path)}: holds no request")
    return _from_zero(requests)


class _Wrong(ValueError):
    pass


class _Azure:
    """Reads rows of a CSV by the names in its first line."""

    def __init__(self, columns: list[str]) -> None:
        self._at = [columns.index(name) for name in AZURE_COLUMNS]

    def __call__(self, text: str) -> TraceRequest:
        row = next(csv.reader([text]))
        if len(row) <= max(self._at):
            raise _Wrong("has too few columns")
        when, prompt, output = (row[at].strip() for at in self._at)
        try:
            moment = datetime.fromisoformat(when)
        except ValueError:
            raise _Wrong("TIMESTAMP is no time") from None
        # The editions differ in whether they name a zone; all are UTC.
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        lengths = [int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
                   for text in (prompt, output)]  # fmt: skip
        return TraceRequest(
            aware.timestamp(), _tokens(lengths[0], "ContextTokens"), _tokens(lengths[1], "GeneratedTokens")
        )


def _azure(first: str) -> _Azure | None:
    columns = [name.strip() for name in first.split(",")]
    return _Azure(columns) if all(name in columns for name in AZURE_COLUMNS) else None


def _mooncake(text: str) -> TraceRequest:
    row = json.loads(text)
    if not isinstance(row, dict):
        raise _Wrong("is no JSON object")
    at_ms, hash_ids = row.get("timestamp"), row.get("hash_ids", [])
    if isinstance(at_ms, bool) or not isinstance(at_ms, int | float) or not 0 <= at_ms < 1e15:
        raise _Wrong('"timestamp" is no time in milliseconds')
    if not isinstance(hash_ids, list) or not all(type(number) is int for number in hash_ids):
        raise _Wrong('"hash_ids" is no list of whole numbers')
    return TraceRequest(
        at_ms / 1e3,
        _tokens(row.get("input_length"), "input_length"),
        _tokens(row.get("output_length"), "output_length"),
        tuple(hash_ids),
    )


def _tokens(value: object, name: str) -> int:
    """Return a length; a request of none is sent as one of one token."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_TOKENS:
        raise _Wrong(f"{name} is no number of tokens")
    return max(1, value)


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8-sig") as file:
        for text in iter(lambda: file.readline(MAX_LINE_CHARACTERS + 1), ""):
            if len(text) > MAX_LINE_CHARACTERS:
                raise BadTrace(f"{_shown(path)}: has a line of more than {MAX_LINE_CHARACTERS >> 20} Mi characters")
            yield text


def _from_zero(requests: list[TraceRequest]) -> list[TraceRequest]:
    ordered = sorted(requests, key=lambda request: request.at_s)
    first_s = ordered[0].at_s
    return [TraceRequest(round(r.at_s - first_s, 6), r.prompt_tokens, r.output_tokens, r.hash_ids) for r in ordered]


def _shown(path: Path) -> str:
    return "".join(c if c.isprintable() else "?" for c in str(path))
