"""Names of NVML's clock event reasons."""

from __future__ import annotations

from collections.abc import Mapping

from tui.draw.clean import clean

_CHOICES = ("low use", "sync boost")

_REASONS = (
    (0x4, "SW power cap", "power"),
    (0x8, "HW slowdown", "HW slow"),
    (0x20, "SW thermal", "SW heat"),
    (0x40, "HW thermal", "HW heat"),
    (0x80, "power brake", "brake"),
)


def throttle_reasons(mask: int | None, *, short: bool = False) -> str | None:
    """Name what holds the clocks down; empty where nothing does, ``None`` where it is not known.

    Idle (0x1), user-set clocks (0x2) and sync boost (0x10) are choices, not throttling.
    """
    if mask is None:
        return None
    return ", ".join(brief if short else name for bit, name, brief in _REASONS if mask & bit)


def throttled_shares(shares: Mapping[str, float]) -> str:
    """Name what held the clocks down for how much of the time, the longest first; empty where nothing did."""
    held = sorted(((share, cause) for cause, share in shares.items() if share >= 1 and cause not in _CHOICES))
    return ", ".join(f"{clean(cause)} {share:.0f}%" for share, cause in reversed(held))
