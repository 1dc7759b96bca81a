"""Says everything in ASCII: one cell for one cell, so that no layout changes.

The one place that knows the glyphs of panels and of Textual's own widgets. What is not in the table falls back to its
base letter, its block or a question mark, as wide as it was.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rich.cells import cell_len

_PAIRS = (
    ("–—−…·•±×°≤≥√²³µΔ‘’“”\u00a0", "---~-*+x <>V23ud''\"\" "),
    ("←→↑↓⇧⏎⌫▶▸◀▲▼‖✎✗✓●○◆›‹", "<>^v^<<>><^v=#xv*o*><"),
    ("─━┄╸╺│┃┊┆┤├╱╲▔", "-=.--||::||/\\-"),
    ("█▉▊▋▌▍▎▏▁▂▃▄▅▆▇▐░▒▓", "###==---___==###.:#"),
)
_TABLE = {"🔎": "> "} | {glyph: sign for glyphs, signs in _PAIRS for glyph, sign in zip(glyphs, signs, strict=True)}
_WITH_SPACE = {" ← ": "<- ", " → ": "-> ", "± ": "+-", " ±": "+-", " ≤": "<=", " ≥": ">="}
"""What reads better with the room of a space beside it."""
_BRAILLE = range(0x2800, 0x2900)
_ROWS = (0b00001001, 0b00010010, 0b00100100, 0b11000000)
"""Bits of a braille character's four rows of dots, from the top."""
_BLOCKS = ((0x2190, 0x21FF, ">"), (0x2500, 0x257F, "+"), (0x2580, 0x259F, "#"), (0x25A0, 0x25FF, "*"))
"""What else lies between two code points."""


def to_ascii(text: str) -> str:
    """Return text of the same width in cells that holds ASCII alone."""
    if text.isascii():
        return text
    for glyph, sign in _WITH_SPACE.items():
        text = text.replace(glyph, sign)
    return "".join(map(_char, text))


@lru_cache(maxsize=4096)
def _char(char: str) -> str:
    if char.isascii():
        return char
    found = _TABLE.get(char)
    if found is None:
        found = _braille(ord(char) - _BRAILLE.start) if ord(char) in _BRAILLE else _fallback(char)
    return found


def _braille(dots: int) -> str:
    """Say by one of ``' - . : |`` and ``*`` which of a cell's rows have dots."""
    rows = tuple(bool(dots & row) for row in _ROWS)
    if not any(rows):
        return " "
    if dots.bit_count() >= 6:
        return "*"
    if sum(rows) >= 3:
        return "|" if dots.bit_count() <= 4 and not _both_columns(dots) else ":"
    first, last = rows.index(True), 3 - rows[::-1].index(True)
    if last - first >= 2:
        return ":"
    return "'" if last <= 1 and first == 0 else "." if last == 3 else "-"


def _both_columns(dots: int) -> bool:
    return bool(dots & 0b01000111) and bool(dots & 0b10111000)


def _fallback(char: str) -> str:
    width = cell_len(char)
    base = unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode()
    if base and base.isprintable() and len(base) == width:
        return base
    block = next((sign for low, high, sign in _BLOCKS if low <= ord(char) <= high), "?")
    return block * width
