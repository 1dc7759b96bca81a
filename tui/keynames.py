"""Names of keys: as Textual reports them, as users write them, and as the screen writes them."""

from __future__ import annotations

import unicodedata

from textual.keys import KEY_NAME_REPLACEMENTS, REPLACED_KEYS, Keys, key_to_character

_NAMED = {name for name in (key.value for key in Keys) if "+" not in name and not name.startswith("<")}
_MODIFIERS = ("alt", "ctrl", "shift")
_WRITTEN = {
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "enter": "⏎",
    "backspace": "⌫",
    "space": "space",
    "escape": "Esc",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "tab": "Tab",
    "delete": "Del",
    "insert": "Ins",
}
_SIGNS = {"ctrl": "^", "shift": "⇧", "alt": "M-"}


def parse_key(text: str) -> str:
    """Return a key's name as Textual reports it; raise ``ValueError`` where there is no such key.

    ``]`` and ``right_square_bracket`` are the same key, and so are ``shift+g`` and ``G``.
    """
    plain = text.strip() or text
    *modifiers, base = ["+"] if plain == "+" else plain.removesuffix("++").split("+")
    if plain != "+" and plain.endswith("++"):
        modifiers, base = [*modifiers, base], "+"
    name = _base(base)
    wanted = {modifier.lower() for modifier in modifiers}
    if name is None or not wanted <= set(_MODIFIERS):
        raise ValueError(f"no key is called {text!r}")
    if wanted == {"shift"} and len(name) == 1:
        return name.upper()
    return "+".join([*(modifier for modifier in _MODIFIERS if modifier in wanted), name])


def _base(text: str) -> str | None:
    if len(text) == 1:
        if text.isalnum() or not text.isprintable():
            return text if text.isprintable() else None
        name = unicodedata.name(text, text).lower().replace("-", "_").replace(" ", "_")
        return KEY_NAME_REPLACEMENTS.get(name, name)
    name = text.lower()
    return name if name in _NAMED or _character(name) is not None else None


def _character(name: str) -> str | None:
    return key_to_character(REPLACED_KEYS.get(name, name)) if name else None


def is_character(name: str) -> bool:
    """Return whether a key puts a character into a text."""
    return name == "space" or ("+" not in name and name not in _WRITTEN and _character(name) is not None)


def written(name: str) -> str:
    """Return how a key is written on the screen: ``]``, ``⇧←``, ``^s``."""
    *modifiers, base = name.split("+")
    sign = _WRITTEN.get(base) or _character(base) or (base.upper() if base[:1] == "f" else base)
    return "".join(_SIGNS[modifier] for modifier in modifiers) + sign
