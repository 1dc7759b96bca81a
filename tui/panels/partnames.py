"""How the parts of a step are named, everywhere."""

from __future__ import annotations

LETTERS = {
    "weights": ("W", "memory"),
    "kv": ("K", "kv"),
    "memory": ("M", "memory"),
    "compute": ("C", "compute"),
    "communication": ("X", "communication"),
    "latency": ("L", "latency"),
    "host": ("O", "overhead"),
    "rest": ("R", "overhead"),
}
"""Letter and role of a step's part: the letter is in the bar and in the legend, so that no one needs the colour."""
NAMES = {**{part: part for part in LETTERS}, "kv": "KV", "host": "overhead"}
SHORT = {**NAMES, "communication": "comm"}
