"""What a terminal can show, told from the environment: how many colours, and whether more than ASCII."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Colours = Literal["truecolor", "256", "16", "none"]

_TRUE = ("alacritty", "contour", "foot", "ghostty", "kitty", "wezterm", "direct", "truecolor")
"""Words in the names of terminals that know 24 bits of colour: over SSH their COLORTERM is left behind."""
_NO_COLOURS = ("vt", "dumb", "unknown", "hurd", "sun", "wyse")
"""How the names of terminals without colours begin."""
_NO_UNICODE = ("linux", "cons25", "ansi", "pcansi", "eterm")
"""Further ones whose fonts lack what charts are drawn with."""


@dataclass(frozen=True, slots=True)
class Sense:
    """What to draw with."""

    colours: Colours = "truecolor"
    ascii: bool = False
    """Send nothing but ASCII."""


FULL = Sense()


def sense(environ: Mapping[str, str], *, ascii_only: bool = False, coerced: bool = False) -> Sense:
    """Return what the terminal of an environment can show.

    ``coerced``: Python was started in a locale without UTF-8 and has set LC_CTYPE itself (PEP 538), so that the
    user's own word is LANG.
    """
    term = environ.get("TERM", "").lower()
    plain = not term or term.startswith(_NO_COLOURS) or term.startswith(_NO_UNICODE)
    return Sense(_colours(environ, term), ascii_only or plain or not _utf8(environ, coerced))


def _colours(environ: Mapping[str, str], term: str) -> Colours:
    """NO_COLOR goes first (https://no-color.org: any value but an empty one), then what the terminal says."""
    if environ.get("NO_COLOR") or not term or term.startswith(_NO_COLOURS):
        return "none"
    if any(word in term for word in _TRUE):
        return "truecolor"
    if _inherits(environ, term) and environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return "truecolor"
    return "256" if "256" in term else "16"


def _inherits(environ: Mapping[str, str], term: str) -> bool:
    """Whether COLORTERM speaks of this terminal: GNU screen hands down that of the one around it."""
    if term.startswith("linux"):
        return False
    return not (term.startswith("screen") and environ.get("STY") and not environ.get("TMUX"))


def _utf8(environ: Mapping[str, str], coerced: bool) -> bool:
    """Whether the locale's encoding is UTF-8; where nothing is said of one, terminals of today have it."""
    names = ["LC_ALL", "LANG"] if coerced else ["LC_ALL", "LC_CTYPE", "LANG"]
    locale = next((found for name in names if (found := environ.get(name))), None)
    return locale is None or "utf8" in locale.lower().replace("-", "")
