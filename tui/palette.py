"""Gives roles their colours."""

from __future__ import annotations

from collections.abc import Mapping

from rich.color import Color, ColorType
from rich.errors import StyleSyntaxError
from rich.segment import Segment
from rich.style import Style

from tui.mono import mono_style
from tui.sense import FULL, Sense

ROLES = (
    *("text", "dim", "border", "track", "ink", "title", "value", "accent", "good", "warn", "bad"),
    *("banner", "key", "memory", "kv", "compute", "communication", "latency", "overhead", "tok_s", "tpot"),
)
LIKE = {"kv": "memory"}
"""Roles that a theme may leave out, and the role that they then look like."""
_BASE = ("background", "surface", "foreground", "primary", "accent")


class Palette:
    """A theme's colours: those of the app, and a style for every role."""

    def __init__(
        self, name: str, dark: bool, base: Mapping[str, str], roles: Mapping[str, str], sense: Sense = FULL
    ) -> None:
        """Raise ``ValueError`` where a colour is missing or cannot be read."""
        roles = {**{role: roles[like] for role, like in LIKE.items() if like in roles}, **roles}
        _need(base, _BASE, "base")
        _need(roles, ROLES, "roles")
        self.name = name
        self.dark = dark
        self.base = dict(base)
        self.roles = dict(roles)
        self.mono = sense.colours == "none"
        self._plain = self.mono or sense.ascii
        self._ground = _parse(f"{base['foreground']} on {base['background']}")
        for colour in base.values():
            _parse(colour)
        self._styles = {} if self.mono else {role: self._ground + _parse(style) for role, style in roles.items()}
        named = filter(None, map(_colour, (*base.values(), *roles.values())))
        self.ansi = any(colour.type is ColorType.STANDARD for colour in named)
        """Whether it names the terminal's own colours."""

    def seen(self, sense: Sense) -> Palette:
        """Return the palette as a terminal can show it."""
        return Palette(self.name, self.dark, self.base, self.roles, sense)

    def segment(self, text: str, role: str) -> Segment:
        """Return text in the style of its role; a bar's track has a glyph of its own where colours do not tell."""
        if self._plain and role == "track":
            text = text.replace("━", "┄")
        return Segment(text, self.style(role))

    def style(self, role: str) -> Style:
        """Return the style of a role, or of ``front/back``; an unknown role looks like text."""
        found = self._styles.get(role)
        if found is None:
            found = self._styles[role] = self._mixed(role)
        return found

    def colour(self, role: str) -> str:
        """Return the colour of a role or of the base as #rrggbb; of the terminal's own colours their defaults."""
        colour = _colour(self.roles.get(role) or self.base.get(role, "")) or _colour(self.base["foreground"])
        assert colour is not None
        return colour.get_truecolor().hex

    def _mixed(self, role: str) -> Style:
        if self.mono:
            return mono_style(role)
        front, _, back = role.partition("/")
        if not back:
            return self._ground
        bold = front == "ink"
        return Style(color=self.style(front).color, bgcolor=self.style(back).color, bold=bold)


def _need(given: Mapping[str, str], names: tuple[str, ...], table: str) -> None:
    missing = [name for name in names if not isinstance(given.get(name), str)]
    if missing:
        raise ValueError(f"no colour for {', '.join(missing)} in [{table}]")


def _parse(style: str) -> Style:
    try:
        return Style.parse(style)
    except (StyleSyntaxError, TypeError) as error:
        raise ValueError(f"cannot read the colour {style!r}") from error


def _colour(style: str) -> Color | None:
    return _parse(style).color
