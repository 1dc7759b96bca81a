"""Why a decode step takes as long as it does."""

from __future__ import annotations

from regime.verdict import Shares, Verdict
from tui.draw.bars import stacked
from tui.draw.clean import clean
from tui.draw.fmt import share
from tui.lines import Block, Line, join, pad, say, width_of
from tui.panels.text import limit_mark, wrap
from tui.scene import Scene

PARTS = ("memory", "compute", "communication", "latency", "overhead")
_LETTERS = {"memory": "M", "compute": "C", "communication": "X", "latency": "L", "overhead": "O"}
_SHORT = {**{part: part for part in PARTS}, "communication": "comm"}


def verdict(scene: Scene, width: int, height: int) -> Block:
    """Return the verdict, the bars of the shares, and the evidence as far as there is room."""
    found = scene.snapshot.verdict
    headline = _headline(found, width, 2 if height >= 4 else 1)
    room = height - len(headline)
    bars = _bars(found, width, room)
    lines = [*headline, *bars]
    if found.shares is not None and height - len(lines) >= 1 and len(bars) >= 1:
        lines.append(_legend(found.shares, width))
    lines.extend(_evidence(found, width, height - len(lines)))
    return Block(tuple(lines), say(_title(width), "title"), _corner(found, width))


def _headline(found: Verdict, width: int, most: int) -> list[Line]:
    """Return a badge with the letter, and the line; wrapped where it is long."""
    letter, role = limit_mark(found.step)
    text = wrap(clean(found.line), width - 4, most) or [""]
    first: Line = ((f" {letter} ", f"ink/{role}"), (" " + text[0], "value"))
    return [first, *(say("    " + line, "value") for line in text[1:])]


def _bars(found: Verdict, width: int, room: int) -> list[Line]:
    """Draw what was measured and what the model expects; one bar where there is one, or room for one."""
    named = [("measured", found.measured), ("modelled", found.modelled)]
    both = [(name, shares) for name, shares in named if shares is not None]
    if found.shares is None or room < 1:
        return []
    if len(both) < 2 or room < 3 + len(found.evidence):
        label = next((name for name, shares in both if shares == found.shares), "")
        return [_bar(label, found.shares, width)]
    return [_bar(name, shares, width) for name, shares in both]


def _bar(label: str, shares: Shares, width: int) -> Line:
    lead = pad(label, 10) if label and width >= 40 else ""
    parts = [(part, getattr(shares, part), _labels(part, getattr(shares, part))) for part in PARTS]
    return (*say(lead, "dim"), *stacked(parts, width - len(lead)))


def _labels(part: str, fraction: float) -> tuple[str, ...]:
    letter, percent = _LETTERS[part], share(fraction)
    return (f"{letter} {part} {percent}", f"{letter} {_SHORT[part]} {percent}", f"{letter} {percent}", letter)


def _legend(shares: Shares, width: int) -> Line:
    """Say every share in words, because small ones have no room in the bar."""
    for names in ({part: part for part in PARTS}, _SHORT, dict.fromkeys(PARTS, "")):
        items = [_item(part, names[part], getattr(shares, part)) for part in PARTS]
        line = join(items, "  ")
        if width_of(line) <= width:
            break
    return line


def _item(part: str, name: str, fraction: float) -> Line:
    return ((f"{_LETTERS[part]} ", part), (f"{name} " if name else "", "dim"), (share(fraction), "text"))


def _evidence(found: Verdict, width: int, room: int) -> list[Line]:
    """Return the lines with numbers; a long one is continued only where all of them still fit."""
    texts = [clean(text) for text in found.evidence]
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


def _title(width: int) -> str:
    return "Why a decode step takes so long" if width >= 84 else "Decode step"


def _corner(found: Verdict, width: int) -> Line:
    if found.step == "idle":
        return ()
    batch = clean(found.batch) if found.batch else "cannot tell"
    sure = "–" if found.confidence is None else f"{found.confidence:.1f}"
    limited = "batch limited by " if width >= 66 else "batch "
    return ((limited, "dim"), (batch, "text"), ("  confidence ", "dim"), (sure, "text"))
