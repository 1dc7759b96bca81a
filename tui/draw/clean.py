"""Makes text of servers, files and users safe to put on a terminal."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\|$)"  # operating system commands: titles, links, clipboard
    r"|\x1b[PX^_][^\x1b]*(?:\x1b\\|$)"  # device control and other strings
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # control sequences
    r"|\x1b[ -/]*[0-~]?"
)
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@lru_cache(maxsize=512)
def clean(text: str, limit: int = 2000) -> str:
    """Drop escape codes, control and bidirectional marks; line breaks and tabs become single spaces."""
    plain = unicodedata.normalize("NFC", _ESCAPES.sub("", text[: limit * 4]))
    kept = (char for char in plain if char.isspace() or unicodedata.category(char) not in _UNSAFE)
    return " ".join("".join(kept).split())[:limit]
