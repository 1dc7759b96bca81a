"""Prompts from a user's file: ShareGPT JSON, JSON lines, or plain text. Their text leaves in requests alone.

A file is read piece by piece, and no further than its first 100,000 prompts or 256 MiB.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random
from typing import BinaryIO

from loadgen.entries import Entry, Unfit, entry_of
from loadgen.fresh import Prompt
from loadgen.json_array import elements
from loadgen.plan import Endpoint, Workload

MAX_PROMPTS = 100_000
MAX_FILE_BYTES = 256 << 20
MAX_LINE_BYTES = 4 << 20
CHARACTERS_A_TOKEN = 4
"""A rule of thumb for English: only for the length shown beside a data set, never for a count of tokens."""
_BOM = b"\xef\xbb\xbf"


class BadDataset(ValueError):
    """The file cannot be used; the text says where and why, in one line for the user, and quotes none of it."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a checked file holds."""

    path: str
    prompts: int
    mean_tokens: int
    """About: characters by a rule of thumb."""


def check(path: Path) -> Summary:
    """Read a file once and keep nothing of it; raises :class:`BadDataset`."""
    prompts = characters = 0
    for entry in entries(path):
        prompts += 1
        characters += entry.characters
    mean_tokens = max(1, round(characters / prompts / CHARACTERS_A_TOKEN))
    return Summary(str(path.absolute()), prompts, mean_tokens)


class Dataset:
    """One worker's part of a file: each gets every n-th prompt, so that no two send the same one."""

    def __init__(self, workload: Workload, worker: int) -> None:
        assert workload.dataset is not None
        path, workers = Path(workload.dataset), workload.workers
        part = [_encoded(e, workload.endpoint) for e in islice(entries(path), worker % workers, None, workers)]
        if not part:  # fewer prompts than workers
            everything = [_encoded(e, workload.endpoint) for e in entries(path)]
            part = [everything[worker % len(everything)]]
        if workload.dataset_order == "shuffled":
            Random(f"{workload.seed}/{worker}/order").shuffle(part)
        # Two flat lists: 100,000 small objects would cost the garbage collector milliseconds, and tokens their time.
        self._data = [data for data, _ in part]
        self._output_tokens = [output_tokens for _, output_tokens in part]
        self._at = 0

    def next(self, prompt_tokens: int, output_tokens: int) -> Prompt:
        """Return the file's next prompt; after the last comes the first again."""
        del prompt_tokens, output_tokens
        at, self._at = self._at, (self._at + 1) % len(self._data)
        return Prompt(self._data[at], None, self._output_tokens[at], private=True)


def entries(path: Path) -> Iterator[Entry]:
    """Yield a file's prompts up to the cap; raises :class:`BadDataset`, also where there are none."""
    found = False
    try:
        for entry in islice(_entries(path), MAX_PROMPTS):
            found = True
            yield entry
    except Unfit as error:
        where = f", line {error.line}" if error.line else ""
        raise BadDataset(f"{_shown(path)}{where}: {error}") from None
    except OSError as error:
        raise BadDataset(f"{_shown(path)}: cannot be read: {error.strerror}") from None
    if not found:
        raise BadDataset(f"{_shown(path)}: holds no prompt")


def _entries(path: Path) -> Iterator[Entry]:
    if path.exists() and not path.is_file():
        raise Unfit("is no file")
    with path.open("rb") as file:
        first = file.read(4096).removeprefix(_BOM).lstrip()[:1]
        file.seek(0)
        if path.suffix.lower() == ".txt":
            yield from (Entry(text, None, None) for _, text in _lines(file))
        elif first == b"[":
            for line, value in elements(file, MAX_LINE_BYTES, MAX_FILE_BYTES):
                yield from entry_of(value, line)
        elif first in (b"{", b""):
            for line, text in _lines(file):
                yield from entry_of(_parsed(text, line), line)
        else:
            raise Unfit("is neither a JSON list, nor JSON lines, nor a .txt file of one prompt a line", 1)


def _lines(file: BinaryIO) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not blank, counted from 1."""
    line = taken = 0
    while taken < MAX_FILE_BYTES and (data := file.readline(MAX_LINE_BYTES + 1)):
        line += 1
        taken += len(data)
        if len(data) > MAX_LINE_BYTES:
            raise Unfit(f"is longer than {MAX_LINE_BYTES >> 20} MiB", line)
        try:
            text = data.removeprefix(_BOM if line == 1 else b"").decode().strip()
        except UnicodeDecodeError:
            raise Unfit("is not UTF-8", line) from None
        if text:
            yield line, text


def _parsed(text: str, line: int) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Unfit("is no JSON", line) from None


def _encoded(entry: Entry, endpoint: Endpoint) -> tuple[bytes, int | None]:
    value = entry.messages or [{"role": "user", "content": entry.text}] if endpoint == "chat" else entry.text
    return json.dumps(value).encode(), entry.output_tokens


def _shown(path: Path) -> str:
    return "".join(c if c.isprintable() else "?" for c in str(path))
