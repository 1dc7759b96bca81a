"""Checked reading of a mapping that others wrote: a number is a whole number in its range, or the reason is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

SHOWN = 40
"""Characters of a stranger's text that a reason may hold."""


class Unclear(Exception):
    """The mapping does not say, or says something absurd; the text is one line for a person."""


def shown(value: object) -> str:
    """Return a stranger's value as short printable text."""
    if isinstance(value, str):
        text = value[: 4 * SHOWN]
    elif isinstance(value, int | float):
        text = "a huge number" if isinstance(value, int) and abs(value) > 10**300 else f"{value:.6g}"
    else:
        text = f"of type {type(value).__name__}"
    line = "".join(c if c.isprintable() else "?" for c in text)
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


class Fields:
    """A mapping, with other mappings and then defaults behind it for what it leaves out."""

    def __init__(self, *sources: Mapping[str, object]) -> None:
        self._sources = sources

    def get(self, *keys: str) -> object:
        """Return the first of these keys that some source has and that is not null; ``None`` where none is."""
        return self._find(keys)[1]

    def whole(self, *keys: str, low: int, high: int) -> int:
        """Return a whole number in a range; raise :class:`Unclear` where there is none."""
        value = self.optional(*keys, low=low, high=high)
        if value is None:
            raise Unclear(f"{keys[0]} is missing")
        return value

    def optional(self, *keys: str, low: int, high: int) -> int | None:
        """Return a whole number in a range or ``None`` where it is left out; raise :class:`Unclear` if absurd."""
        key, value = self._find(keys)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise Unclear(f"{key} is {shown(value)}, not a whole number from {low} to {high}")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise Unclear(f"{key} is {shown(value)}, not true or false")
        return value

    def text(self, key: str) -> str | None:
        """Return a short text in lower case, or ``None``."""
        value = self.get(key)
        return value[:100].lower() if isinstance(value, str) else None

    def names(self, *keys: str) -> list[str]:
        """Return a list of texts; empty where it is left out."""
        value = self.get(*keys)
        if not isinstance(value, Sequence) or isinstance(value, str):
            return []
        return [item for item in value if isinstance(item, str)]

    def mapping(self, key: str) -> Mapping[str, object] | None:
        """Return a mapping, or ``None``."""
        value = self.get(key)
        return value if isinstance(value, Mapping) else None

    def _find(self, keys: tuple[str, ...]) -> tuple[str, object]:
        for source in self._sources:
            for key in keys:
                if (value := source.get(key)) is not None:
                    return key, value
        return keys[0], None
