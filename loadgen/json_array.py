"""Reads a JSON list element by element, so that a list of gigabytes never is in memory."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import BinaryIO

from loadgen.entries import Unfit

CHUNK_BYTES = 1 << 20
_BLANK = re.compile(r"[ \t\r\n]*")


def elements(file: BinaryIO, max_element: int, max_bytes: int) -> Iterator[tuple[int, object]]:
    """Yield each element with the line that it begins in, counted from 1.

    Ends quietly once ``max_bytes`` were read. An element of more than ``max_element`` characters is :class:`Unfit`.
    """
    text = _Text(file, max_bytes)
    decode = json.JSONDecoder().raw_decode
    text.skip()
    text.take("[")
    while text.peek() not in ("", "]"):
        while True:
            try:
                value, end = decode(text.buffer, text.at)
                break
            except (ValueError, RecursionError):
                if len(text.buffer) - text.at <= max_element and text.more():
                    continue
                if text.capped:
                    return
                raise Unfit("begins an entry that is broken JSON or too long", text.line) from None
        yield text.line, value
        text.advance(end)
        if text.peek() == ",":
            text.take(",")
        elif text.peek() != "]":
            break
    if not text.capped:
        text.take("]")


class _Text:
    """A window on the file's text: ``at`` is where reading stands in ``buffer``, ``line`` the line of it."""

    def __init__(self, file: BinaryIO, max_bytes: int) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._left = max_bytes
        self.buffer = ""
        self.at = 0
        self.line = 1
        self.capped = False
        """As much was read as may be; the file may go on."""

    def more(self) -> bool:
        """Read on; return whether there was anything."""
        # An element that is not whole is decoded anew after each chunk: growing chunks keep that cheap.
        data = self._file.read(min(self._left, max(CHUNK_BYTES, len(self.buffer) - self.at)))
        self._left -= len(data)
        self.capped = self._left == 0
        try:
            text = self._decoder.decode(data, final=not data and not self.capped)
        except UnicodeDecodeError as error:
            before = self.buffer.count("\n", self.at) + data.count(b"\n", 0, error.start)
            raise Unfit("is not UTF-8", self.line + before) from None
        self.buffer, self.at = self.buffer[self.at :] + text, 0
        return bool(data)

    def skip(self) -> None:
        """Go past blanks."""
        while True:
            found = _BLANK.match(self.buffer, self.at)
            self.advance(found.end() if found else self.at)
            if self.at < len(self.buffer) or not self.more():
                return

    def advance(self, to: int) -> None:
        """Go forward in the buffer and count lines."""
        self.line += self.buffer.count("\n", self.at, to)
        self.at = to

    def peek(self) -> str:
        """Return the next character that is no blank; nothing at the end."""
        self.skip()
        return self.buffer[self.at : self.at + 1]

    def take(self, character: str) -> None:
        """Go past a character that must be there, and past blanks."""
        if self.peek() != character:
            raise Unfit(f"{character!r} is missing where the list goes on or ends", self.line)
        self.at += 1
        self.skip()
