"""Bars to an eighth of a cell."""

from __future__ import annotations

from collections.abc import Sequence

from tui.lines import EMPTY, Line

_EIGHTHS = " ▏▎▍▌▋▊▉█"


def bar(fraction: float | None, width: int, role: str) -> Line:
    """A horizontal bar on its track; an unknown value is an empty track."""
    part = 0.0 if fraction is None else min(1.0, max(0.0, fraction))
    eighths = round(part * width * 8)
    if part > 0 and eighths == 0:
        eighths = 1
    full, rest = divmod(eighths, 8)
    text = "█" * full + (_EIGHTHS[rest] if rest else "")
    return ((text + " " * (width - len(text)), f"{role}/track"),) if width > 0 else EMPTY


def gauge(fraction: float | None, width: int, role: str) -> Line:
    """A thin bar for tables, to half a cell; an unknown value is an empty track."""
    part = 0.0 if fraction is None else min(1.0, max(0.0, fraction))
    halves = max(round(part * width * 2), 1 if part > 0 else 0)
    text = "━" * (halves // 2) + "╸" * (halves % 2)
    rest = "━" * (width - len(text))
    return tuple(span for span in ((text, role), (rest, "track")) if span[0])


def stacked(parts: Sequence[tuple[str, float, tuple[str, ...]]], width: int) -> Line:
    """One bar cut into parts (role, fraction, labels from longest to shortest), labelled where they fit."""
    total = sum(max(0.0, fraction) for _, fraction, _ in parts)
    if width <= 0 or total <= 0:
        return bar(None, width, "dim")
    owners = _owners([(role, max(0.0, fraction) / total) for role, fraction, _ in parts], width * 8)
    cells = [_cell(owners[8 * x : 8 * x + 8]) for x in range(width)]
    for role, _, labels in parts:
        _label(cells, role, labels)
    return _merge(cells)


def _owners(parts: list[tuple[str, float]], eighths: int) -> list[str]:
    """Give every eighth of a cell to a part."""
    owners: list[str] = []
    reached = 0.0
    for role, fraction in parts:
        reached += fraction
        owners.extend([role] * (round(reached * eighths) - len(owners)))
    owners.extend([parts[-1][0]] * (eighths - len(owners)))
    return owners


def _cell(owners: list[str]) -> tuple[str, str]:
    """Draw one cell: whole, or split between the two parts that hold most of it."""
    counts = {role: owners.count(role) for role in dict.fromkeys(owners)}
    if len(counts) == 1:
        return " ", f"ink/{owners[0]}"
    most = sorted(counts, key=lambda role: -counts[role])[:2]
    left, right = (role for role in counts if role in most)
    split = round(8 * counts[left] / (counts[left] + counts[right]))
    return _EIGHTHS[min(7, max(1, split))], f"{left}/{right}"


def _label(cells: list[tuple[str, str]], role: str, labels: tuple[str, ...]) -> None:
    whole = [x for x, (_, own) in enumerate(cells) if own == f"ink/{role}"]
    text = next((label for label in labels if len(label) + 2 <= len(whole)), None)
    if text is None:
        text = next((label for label in labels if len(label) <= len(whole)), "")
    start = 1 if len(text) + 2 <= len(whole) else 0
    for x, char in zip(whole[start:], text, strict=False):
        cells[x] = (char, f"ink/{role}")


def _merge(cells: Sequence[tuple[str, str]]) -> Line:
    spans: list[tuple[str, str]] = []
    for char, role in cells:
        if spans and spans[-1][1] == role:
            spans[-1] = (spans[-1][0] + char, role)
        else:
            spans.append((char, role))
    return tuple(spans)
