"""The screen without colours: bold, reverse and underline carry what a colour carried beside a word or a letter.

Neighbours in the bar of a step's parts differ: reverse, underlined, plain (docs/terminals.md).
"""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style

_PLAIN = Style()
_BOLD = Style(bold=True)
_REVERSE = Style(reverse=True, bold=True)
_UNDERLINE = Style(underline=True, bold=True)
_ROLES = {
    **dict.fromkeys(("title", "value", "accent", "key", "good", "tok_s"), _BOLD),
    "warn": Style(underline=True),
    "bad": _UNDERLINE,
}
_GROUNDS = {
    **dict.fromkeys(("banner", "bad", "accent", "memory", "latency"), _REVERSE),
    **dict.fromkeys(("kv", "communication", "overhead", "warn"), _UNDERLINE),
}
"""Styles of text in ``ink`` on the colour of a role."""


def mono_style(role: str) -> Style:
    """Return the style of a role, or of ``front/back``, without any colour."""
    front, _, back = role.partition("/")
    if not back:
        return _ROLES.get(front, _PLAIN)
    return _GROUNDS.get(back, _BOLD) if front == "ink" else _PLAIN


def without_colours(segments: list[Segment]) -> list[Segment]:
    """Drop every colour and SGR 2 (dim); what is set off by a ground alone is reversed by its own style."""
    return [Segment(text, style and _colourless(style), control) for text, style, control in segments]


def _colourless(style: Style) -> Style:
    return Style(bold=style.bold, reverse=style.reverse, underline=style.underline)
