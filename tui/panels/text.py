"""Small pieces that several panels share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from session.view import MARKS, LevelView, SourceView, mark_of
from tui.draw.clean import clean
from tui.draw.fmt import age
from tui.lines import EMPTY, Line, Lines, lpad, pad, say

STALE_S = 3.0

LIMITS = {
    "memory": ("M", "memory"),
    "compute": ("C", "compute"),
    "communication": ("X", "communication"),
    "latency": ("L", "latency"),
    "overhead": ("O", "overhead"),
    "balanced": ("B", "accent"),
    "idle": ("·", "dim"),
}
"""Letter and role of what limits a step."""


_SAID = {"unsteady": "not steady", "unknown": "steady unknown", "short": "with warm-up"}
_TRUST = {kind: (MARKS[kind], said) for kind, said in _SAID.items()}


def trust_mark(level: LevelView) -> str:
    """Return the sign beside a level whose figures are to be taken with care, or nothing."""
    kind = mark_of(level.trust)
    return _TRUST[kind][0] if kind else ""


def trust_legend(levels: Sequence[LevelView]) -> str:
    """Return what the signs beside these levels mean."""
    kinds = {mark_of(level.trust) for level in levels}
    return "  ".join(f"{sign} {words}" for kind, (sign, words) in _TRUST.items() if kind in kinds)


def limit_mark(step: str | None) -> tuple[str, str]:
    """Return the letter and the role of a verdict; two joined by ``+`` are marked by the first."""
    return LIMITS.get((step or "").split("+")[0], ("?", "dim"))


def stale(age_s: float | None) -> bool:
    """Whether a value is too old to be shown as present."""
    return age_s is not None and age_s > STALE_S


def age_note(age_s: float | None) -> Line:
    """Say how old something is, where that matters."""
    return say(age(age_s), "warn") if age_s is not None and stale(age_s) else EMPTY


def missing(source: SourceView | None, what: str, width: int, height: int) -> Lines:
    """Say why a source has nothing to show."""
    if source is None or source.ok is None:
        return (say(f"waiting for {what}…", "dim"),)
    reason = clean(source.reason or "no reason was given")
    first, *more = wrap(reason, width - 9, max(1, height)) or [""]
    return ((("missing  ", "warn"), (first, "text")), *(say(" " * 9 + line) for line in more))


def errors_text(errors: Mapping[str, int]) -> str:
    """List errors by kind, the most frequent first."""
    ranked = sorted(errors.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{clean(kind)} {count:,}" for kind, count in ranked if count)


def table_row(cells: Sequence[tuple[str, str]], widths: Sequence[int], left: int = 0, gap: int = 2) -> Line:
    """Align cells in columns, the first ``left`` to the left and the others to the right."""
    spans: list[tuple[str, str]] = []
    for column, ((text, role), width) in enumerate(zip(cells, widths, strict=True)):
        lead = " " * gap if column else ""
        spans.append((lead + (pad(text, width) if column < left else lpad(text, width)), role))
    return tuple(spans)


def wrap(text: str, width: int, most: int) -> list[str]:
    """Break text into at most ``most`` lines at spaces; the last is left for the frame to cut."""
    lines: list[str] = []
    words = _words(text)
    while words and len(lines) < most - 1:
        line = words.pop(0)
        while words and len(line) + 1 + len(words[0]) <= width:
            line += " " + words.pop(0)
        lines.append(line)
    return [*lines, " ".join(words)] if words and most > 0 else lines


def _words(text: str) -> list[str]:
    """Split text at spaces, but for the one between a figure and its sign of percent."""
    words: list[str] = []
    for word in text.split():
        if words and word.startswith("%"):
            words[-1] += f" {word}"
        else:
            words.append(word)
    return words
