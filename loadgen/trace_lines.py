"""One line of a trace: Mooncake's JSON lines and Azure's CSV, and what is wrong with others."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from typing import NamedTuple

from loadgen.lengths import MAX_TOKENS

AZURE_COLUMNS = ("TIMESTAMP", "ContextTokens", "GeneratedTokens")
_MOST_ID = 2**63 - 1


class UnfitLine(ValueError):
    """Why a line cannot be used."""


class TraceRequest(NamedTuple):
    """One request of a trace: when it came, in seconds, and its lengths in tokens.

    ``hash_ids`` name the prompt's blocks of 512 tokens: equal ids mean equal tokens.
    """

    at_s: float
    prompt_tokens: int
    output_tokens: int
    hash_ids: tuple[int, ...] = ()


class Azure:
    """Reads rows of a CSV by the names in its first line."""

    def __init__(self, columns: list[str]) -> None:
        self._at = [columns.index(name) for name in AZURE_COLUMNS]

    def __call__(self, text: str) -> TraceRequest:
        """Return a row's request, its time as seconds since 1970; raises :class:`UnfitLine`."""
        row = _row(text)
        if len(row) <= max(self._at):
            raise UnfitLine("has too few columns")
        when, prompt, output = (row[at].strip() for at in self._at)
        return TraceRequest(
            _moment_s(when), _tokens(_digits(prompt), "ContextTokens"), _tokens(_digits(output), "GeneratedTokens")
        )


def azure(first: str) -> Azure | None:
    """Return the reader of a CSV that begins with this line; ``None`` where it is none of Azure's."""
    columns = [name.strip() for name in first.split(",")]
    return Azure(columns) if all(name in columns for name in AZURE_COLUMNS) else None


def mooncake(text: str) -> TraceRequest:
    """Return a line's request; raises :class:`UnfitLine`, or ``ValueError`` where it is no JSON."""
    row = json.loads(text)
    if not isinstance(row, dict):
        raise UnfitLine("is no JSON object")
    at_ms, hash_ids = row.get("timestamp"), row.get("hash_ids", [])
    if isinstance(at_ms, bool) or not isinstance(at_ms, int | float) or not 0 <= at_ms < 1e15:
        raise UnfitLine('"timestamp" is no time in milliseconds')
    if not isinstance(hash_ids, list) or not all(type(n) is int and abs(n) <= _MOST_ID for n in hash_ids):
        raise UnfitLine('"hash_ids" is no list of whole numbers')
    return TraceRequest(
        at_ms / 1e3,
        _tokens(row.get("input_length"), "input_length"),
        _tokens(row.get("output_length"), "output_length"),
        tuple(hash_ids),
    )


def _row(text: str) -> list[str]:
    if '"' not in text:  # as in all of Azure's, and four times as fast
        return text.split(",")
    try:
        return next(csv.reader([text]))
    except csv.Error:
        raise UnfitLine("is no line of a CSV") from None


def _moment_s(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
        # The editions differ in whether they name a zone; all are UTC.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise UnfitLine("TIMESTAMP is no time") from None


def _digits(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _tokens(value: object, name: str) -> int:
    """Return a length; a request of none is sent as one of one token."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_TOKENS:
        raise UnfitLine(f"{name} is no number of tokens")
    return max(1, value)
