"""The Prometheus text format, read for a handful of names.

A server's scrape is 50 kB of which 30 lines are wanted, and it is read every second beside a load
generator. The client library parses every line; this reader looks at the name and skips the rest, in less
than a twentieth of the library's time (``python bench/telemetry.py`` measures both).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Set
from typing import NamedTuple

MAX_LINE = 1 << 16
"""Characters; the longest line of a real server is 2 kB, a longer one than this is not parsed."""

_LABEL = re.compile(r'\s*([a-zA-Z_]\w*)\s*=\s*"([^"\\]*+(?:\\.[^"\\]*+)*+)"\s*,?', re.ASCII)
_CLOSE = re.compile(r"\s*\}")
_ESCAPE = re.compile(r"\\(.)")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


class Sample(NamedTuple):
    """One line: a finite value under a name and its labels."""

    name: str
    labels: dict[str, str]
    value: float


def samples(text: str, wanted: Set[str]) -> Iterator[Sample]:
    """Yield the samples whose name is ``wanted``, in the order of the text.

    Never raises: a line that is garbage, too long, not finite or cut short is skipped. The format ends
    every line with a line feed, so what follows the last one is a line cut short: its number may lack
    digits.
    """
    lines = text.split("\n")
    lines.pop()
    for line in lines:
        name, brace, rest = line.partition("{")
        if not brace:
            name, _, rest = line.partition(" ")
        if name in wanted and len(line) <= MAX_LINE:
            sample = _parse(name, rest, labelled=bool(brace))
            if sample is not None:
                yield sample


def _parse(name: str, rest: str, *, labelled: bool) -> Sample | None:
    labels: dict[str, str] = {}
    end = 0
    if labelled:
        while match := _LABEL.match(rest, end):
            labels[match[1]] = _unescape(match[2])
            end = match.end()
        close = _CLOSE.match(rest, end)
        if close is None:
            return None
        end = close.end()
    value = _number(rest[end:])
    return None if value is None else Sample(name, labels, value)


def _number(text: str) -> float | None:
    """Read the first word; a time stamp or an exemplar may follow it."""
    words = text.split(None, 1)
    if not words or not _NUMBER.fullmatch(words[0]):
        return None
    value = float(words[0])
    return value if math.isfinite(value) else None


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda match: "\n" if match[1] == "n" else match[1], text)
