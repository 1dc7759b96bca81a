"""Why a decode step takes as long as it does."""

from __future__ import annotations

from regime.parts import Part, Parts
from regime.verdict import Verdict
from tui.draw.bars import stacked
from tui.draw.clean import clean
from tui.draw.fmt import ms, share
from tui.lines import Block, Line, join, pad, say, width_of
from tui.panels.partnames import LETTERS, NAMES, SHORT
from tui.panels.start import is_start, start_lines
from tui.panels.text import limit_mark, wrap
from tui.scene import Scene

_LONG, _BRIEF = "Why a decode step takes so long", "Decode step"
_EDGES = 8
"""Cells of a frame's upper line that are neither title nor corner, where the frame is a rule."""
_GRAVE = ("client-bound", "transient", "thermal", "power-capped", "imbalance")
"""Modifiers that a narrow panel shows too."""


def verdict(scene: Scene, width: int, height: int) -> Block:
    """Return the verdict, the bars of the parts, the advice, and the evidence as far as there is room."""
    found = scene.snapshot.verdict
    start = is_start(scene)
    headline = _headline(found, width, 2 if height >= (5 if start else 4) else 1)
    if start:
        return Block((*headline, *start_lines(scene)), _title(found, width))
    room = height - len(headline)
    bars = _bars(found, width, room)
    lines = [*headline, *bars]
    if found.parts is not None and height - len(lines) >= 1 and len(bars) >= 1:
        lines.append(_legend(found.parts, width))
    lines.extend(_advice(found, width, height - len(lines)))
    lines.extend(_evidence(_facts(scene), width, height - len(lines)))
    return Block(tuple(lines), _title(found, width), _corner(found, width))


def _headline(found: Verdict, width: int, most: int) -> list[Line]:
    """Return a badge with the letter, and the line; wrapped where it is long."""
    letter, role = limit_mark(found.step)
    text = wrap(clean(found.line), width - 4, most) or [""]
    first: Line = ((f" {letter} ", f"ink/{role}"), (" " + text[0], "value"))
    return [first, *(say("    " + line, "value") for line in text[1:])]


def _bars(found: Verdict, width: int, room: int) -> list[Line]:
    """Draw what was measured and what the model expects; one bar where there is one, or room for one."""
    named = (("measured", found.measured_parts), ("modelled", found.modelled_parts))
    both = [(name, parts) for name, parts in named if parts is not None]
    if found.step in (None, "idle") or room < 1 or not both:
        return []
    if room < 5:
        both = both[:1]
    return [_bar(name, parts, width) for name, parts in both]


def _bar(label: str, parts: Parts, width: int) -> Line:
    lead = pad(label, 10) if width >= 40 else ""
    cells = [(LETTERS[part.name][1], part.share, _labels(part)) for part in parts.parts]
    return (*say(lead, "dim"), *stacked(cells, width - len(lead)))


def _labels(part: Part) -> tuple[str, ...]:
    letter, percent = LETTERS[part.name][0], share(part.share)
    name, short = NAMES[part.name], SHORT[part.name]
    return (f"{letter} {name} {percent}", f"{letter} {short} {percent}", f"{letter} {percent}", letter)


def _legend(parts: Parts, width: int) -> Line:
    """Say the parts in words and milliseconds: small ones have no room in the bar. None is under half a percent."""
    tail = _ceiling(parts)
    there = [part for part in parts.parts if part.share >= 0.005]
    for names, timed, end in ((NAMES, True, tail), (SHORT, True, tail), (SHORT, False, tail), (SHORT, False, ())):
        items = [_item(part, names[part.name], timed=timed) for part in there]
        line = join([*items, end], "  ")
        if width_of(line) <= width:
            return line
    return join([_item(part, "", timed=False) for part in there], "  ")


def _item(part: Part, name: str, *, timed: bool) -> Line:
    letter, role = LETTERS[part.name]
    said = f"{ms(part.seconds)} ms" if timed and part.seconds is not None else share(part.share)
    return ((f"{letter} ", role), (f"{name} " if name else "", "dim"), (said, "text"))


def _ceiling(parts: Parts) -> Line:
    """Say what a step without its largest part could be at most."""
    if parts.at_most is None:
        return ()
    return ((f"without {LETTERS[parts.largest.name][0]} ", "dim"), (f"≤{parts.at_most:.1f}×", "text"))


def _advice(found: Verdict, width: int, room: int) -> list[Line]:
    """Return what to change, on up to two lines."""
    if found.advice is None or room < 1:
        return []
    first, *more = wrap(clean(found.advice), width - 2, 1 if room < 4 else 2)
    return [(("→ ", "accent"), (first, "value")), *(say("  " + line, "value") for line in more)]


def _facts(scene: Scene) -> list[str]:
    """Return the lines with numbers, the most telling first."""
    found, scaling = scene.snapshot.verdict, scene.snapshot.scaling
    roofline = found.modelled_parts.roofline if found.modelled_parts else None
    reached = f"; roofline reached {share(roofline)}" if roofline is not None else ""
    facts = [*found.evidence]
    if scaling is not None and found.step not in (None, "idle"):
        facts.insert(1, scaling.words + reached)
    return [clean(text) for text in facts]


def _evidence(texts: list[str], width: int, room: int) -> list[Line]:
    """Return the lines with numbers; a long one is continued only where all of them still fit."""
    lines: list[Line] = []
    for at, text in enumerate(texts):
        left = room - len(lines)
        if left < 1:
            break
        spare = max(1, left - (len(texts) - at - 1))
        first, *more = wrap(text, width - 2, spare) or [""]
        lines.append((("• ", "dim"), (first, "text")))
        lines.extend(say("  " + line, "text") for line in more)
    return lines


def _title(found: Verdict, width: int) -> Line:
    """Name the panel, and what stands beside the label: as much as leaves room for the corner."""
    grave = tuple(one for one in found.modifiers if one in _GRAVE)
    room = width - width_of(_corner(found, width)) - _EDGES
    for name, beside in ((_LONG, found.modifiers), (_BRIEF, found.modifiers), (_BRIEF, grave), (_BRIEF, grave[:1])):
        title = ((name, "title"), *((f" · {clean(one)}", "warn" if one in _GRAVE else "dim") for one in beside))
        if width_of(title) <= room:
            break
    return title


def _corner(found: Verdict, width: int) -> Line:
    if found.step == "idle":
        return ()
    batch = clean(found.batch_words) if found.batch_words else "cannot tell"
    sure = "–" if found.confidence is None else f"{found.confidence:.1f}"
    limited = "batch limited by " if width >= 84 else "batch "
    beside = max((len(one) + 3 for one in found.modifiers if one in _GRAVE), default=0)
    needed = len(_BRIEF) + beside + _EDGES + len(limited) + len(batch) + len("  confidence ") + len(sure)
    confidence = "  confidence " if needed <= width else "  "
    return ((limited, "dim"), (batch, "text"), (confidence, "dim"), (sure, "text"))
