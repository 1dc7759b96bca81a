"""Whether a theme can be read: contrast as WCAG 2.2 defines it (relative luminance; success criterion 1.4.3)."""

from __future__ import annotations

from tui.palette import ROLES, Palette

LEAST = 3.0
"""Below this even large text is hard to read."""
_GROUNDS = frozenset({"ink", "track", "border"})
_BANNERS = ("banner", "bad", "memory", "compute", "communication", "latency", "overhead")


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb, 0 to 1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: str, b: str) -> float:
    """Return the contrast of two colours #rrggbb, 1 to 21."""
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def hard_to_read(palette: Palette) -> str | None:
    """Return one line that names the roles hard to read, or nothing; a terminal's own colours cannot be judged."""
    if palette.ansi:
        return None
    ground = palette.colour("background")
    found = [(contrast(palette.colour(role), ground), role) for role in ROLES if role not in _GROUNDS]
    found += [(contrast(palette.colour("ink"), palette.colour(role)), f"ink on {role}") for role in _BANNERS]
    poor = sorted((value, role) for value, role in found if value < LEAST)
    if not poor:
        return None
    named = ", ".join(f"{role} {value:.1f}" for value, role in poor[:3])
    more = f" and {len(poor) - 3} more" if len(poor) > 3 else ""
    return f"theme {palette.name}: hard to read, contrast below {LEAST:g}: {named}{more}"
