"""The step budget: what each part of a decode step takes, measured and modelled side by side."""

from __future__ import annotations

from regime.parts import NAMES as ORDER
from regime.parts import Part, Parts
from tui.draw.bars import gauge
from tui.draw.clean import clean
from tui.draw.fmt import DASH, ms, pct, share
from tui.lines import Block, Line, join, lpad, pad, say
from tui.panels.partnames import LETTERS, NAMES
from tui.panels.text import wrap
from tui.scene import Scene

_TITLE: Line = (("Step budget", "title"), (" ms", "dim"))
_NAME, _MS, _PCT = 15, 6, 5
_LEAST_BAR, _LONGEST_BAR = 4, 40
_LEAST_SHARE = 0.001


def budget(scene: Scene, width: int, height: int) -> Block:
    """Return a row for each part; its bars are to one scale, so that both columns can be compared."""
    found = scene.snapshot.verdict
    if found.step == "idle" or (found.measured_parts is None and found.modelled_parts is None):
        why = wrap(clean(found.line), max(1, width), max(1, height))
        return Block(tuple(say(line, "dim") for line in why[: max(0, height)]), _TITLE)
    both = (found.measured_parts, found.modelled_parts)
    size = _bar_size(width)
    names = _largest([name for name in ORDER if _pays(name, both)], both, height - 1)
    lines: list[Line] = [_head(size), *(_row(name, both, size) for name in names)]
    if height > len(lines):
        lines = [*lines, _total(both, size), *_notes(both, width)]
    lines = lines[: max(0, height)]
    return Block(tuple(lines), _TITLE, _corner(found.modelled_parts))


def _pays(name: str, both: tuple[Parts | None, Parts | None]) -> bool:
    """Whether a part is more than nothing on one side at least."""
    found = [part for parts in both if parts and (part := parts.of(name))]
    return any(part.share >= _LEAST_SHARE for part in found)


def _largest(names: list[str], both: tuple[Parts | None, Parts | None], most: int) -> list[str]:
    """Return so many of the parts, the smallest left out; figures without their heading would say nothing."""

    def share_of(name: str) -> float:
        return max(part.share for parts in both if parts and (part := parts.of(name)))

    kept = sorted(names, key=share_of, reverse=True)[: max(0, most)]
    return [name for name in names if name in kept]


def _bar_size(width: int) -> int:
    spare = (width - _NAME - 2 * (_MS + _PCT + 3)) // 2 - 1
    return min(spare, _LONGEST_BAR) if spare >= _LEAST_BAR else 0


def _head(size: int) -> Line:
    gap = " " * (size + 1 if size else 0)
    column = lpad("ms", _MS) + " " + lpad("%", _PCT)
    names = (pad("measured", len(column) + len(gap)), pad("modelled", len(column)))
    return say(" " * (_NAME + 2) + "  ".join(names), "dim")


def _row(name: str, both: tuple[Parts | None, Parts | None], size: int) -> Line:
    letter, role = LETTERS[name]
    longest = max((_seconds(parts) or 0.0) for parts in both)
    spans: list[tuple[str, str]] = [(f"{letter} ", role), (pad(NAMES[name], _NAME - 2), "text")]
    for parts in both:
        part = parts.of(name) if parts else None
        spans.append(("  ", "text"))
        spans.extend(_figures(part))
        if size:
            spans.append((" ", "text"))
            spans.extend(gauge(_length(part, longest), size, role) if part else say(" " * size))
    return tuple(spans)


def _figures(part: Part | None) -> Line:
    """Say one part in milliseconds and percent; a dash where it is not told apart."""
    if part is None:
        return say(lpad(DASH, _MS) + " " + lpad(DASH, _PCT), "dim")
    return ((lpad(ms(part.seconds), _MS), "value"), (" " + lpad(pct(part.share * 100), _PCT), "text"))


def _length(part: Part | None, longest: float) -> float | None:
    if part is None:
        return None
    return part.share if part.seconds is None or longest <= 0 else part.seconds / longest


def _seconds(parts: Parts | None) -> float | None:
    known = [part.seconds for part in parts.parts if part.seconds is not None] if parts else []
    return sum(known) if known else None


def _total(both: tuple[Parts | None, Parts | None], size: int) -> Line:
    spans: list[tuple[str, str]] = [(pad("  step", _NAME), "dim")]
    for parts in both:
        spans.append(("  " + lpad(ms(_seconds(parts)), _MS) + " " + lpad("100" if parts else DASH, _PCT), "dim"))
        spans.append((" " * (size + 1 if size else 0), "text"))
    return tuple(spans)


def _notes(both: tuple[Parts | None, Parts | None], width: int) -> list[Line]:
    """Say what the largest part could buy, and what a part is that only one side has."""
    notes: list[str] = []
    for name, parts in zip(("measured", "modelled"), both, strict=True):
        if parts is not None and parts.at_most is not None:
            largest = NAMES[parts.largest.name]
            notes.append(f"{name}: without {largest} a step could be {parts.at_most:.1f} times as fast at most")
    measured, modelled = both
    if modelled is not None and modelled.of("rest"):
        notes.append("rest: what the model's roofs leave of the step, latency and overhead in one")
    if measured is None:
        notes.append("measured: cannot tell, the GPUs' counters are not there")
    if modelled is None:
        notes.append("modelled: cannot tell, model, GPU, step time or batch is not known")
    return [say(line, "dim") for note in notes for line in wrap(note, width, 2)]


def _corner(modelled: Parts | None) -> Line:
    if modelled is None or modelled.roofline is None:
        return ()
    return join([say("roofline reached", "dim"), say(share(modelled.roofline), "value")], " ")
