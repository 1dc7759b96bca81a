"""What the parts of a recording are called: ``a.rooftop``, ``a.2.rooftop``, ``a.3.rooftop``, …"""

from __future__ import annotations

from pathlib import Path


def part_path(first: Path, part: int) -> Path:
    """Return where a part of a recording lies, by its first part's path."""
    if part == 1:
        return first
    packed = ".gz" if first.suffix == ".gz" else ""
    name = first.name.removesuffix(packed)
    stem, dot, suffix = name.rpartition(".")
    return first.with_name(f"{stem}.{part}.{suffix}{packed}" if dot and stem else f"{name}.{part}{packed}")


def next_part(path: Path, part: int) -> Path:
    """Return where the part after the one at ``path`` lies; ``part`` is the number of that at ``path``."""
    if part == 1:
        return part_path(path, 2)
    name = path.name
    at = name.rfind(f".{part}")
    return path if at < 0 else path.with_name(f"{name[:at]}.{part + 1}{name[at + len(str(part)) + 1 :]}")
