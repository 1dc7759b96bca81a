"""The list of sessions as lines: a pure function of what is known and where the cursor is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from session.catalogue import Entry
from tui.draw.clean import clean
from tui.draw.fmt import DASH, clock, kilo
from tui.lines import Line, Lines, fit, lpad, pad, say

Cell = Callable[[Entry], str]
Sort = Callable[[Entry], tuple[bool, float | str]]
STATE_ROLES = {"live": "good", "bad": "bad", "cut": "warn", "ended": "dim", "…": "dim"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the list; ``from_width``: of the screen, below which it is left out."""

    name: str
    width: int
    cell: Cell
    key: Sort
    right: bool = False
    from_width: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """How the list is looked at."""

    filter: str = ""
    sort: str = "started"
    descending: bool = True


def size(count: float) -> str:
    """Bytes in three figures: ``538k``, ``1.2M``."""
    for unit in ("", "k", "M", "G"):
        if count < 999.5:
            return f"{count:.3g}{unit}" if unit else f"{count:.0f}"
        count /= 1000
    return f"{count:.3g}T"


def started(entry: Entry) -> str:
    """Return when it started, in local time; where that is not known, when the file changed last."""
    at = _start(entry)
    return f"{at:%Y-%m-%d %H:%M}" if at is not None else DASH


def _start(entry: Entry) -> datetime | None:
    try:
        if entry.started_at is not None:
            return datetime.fromisoformat(entry.started_at).astimezone()
        return datetime.fromtimestamp(entry.changed_s).astimezone() if entry.changed_s else None
    except (ValueError, OverflowError, OSError):
        return None


def gpus(entry: Entry) -> str:
    """Return number and name of the GPUs, without the maker's."""
    found = entry.summary
    if found is None or not (found.gpu or found.gpus):
        return DASH
    name = clean(found.gpu or "GPU", 60).removeprefix("NVIDIA ").removeprefix("AMD ").removesuffix(" (simulated)")
    count = f"{found.gpus}× " if found.gpus > 1 else ""
    return f"{count}{name}"


def model(entry: Entry) -> str:
    """Return the model, marked where all of it was simulated; of a file that cannot be read, its name."""
    if entry.problem is not None or entry.summary is None:
        return clean(entry.path.name, 200)
    mark = "SIM " if entry.simulated else ""
    return mark + (clean(entry.summary.model, 200).rsplit("/", 1)[-1] if entry.summary.model else DASH)


def _of(entry: Entry, name: str) -> float | None:
    return getattr(entry.summary, name) if entry.summary is not None else None


def _number(name: str) -> Sort:
    def key(entry: Entry) -> tuple[bool, float | str]:
        value = _of(entry, name)
        return value is not None, value if value is not None else 0.0

    return key


def _by_start(entry: Entry) -> tuple[bool, float | str]:
    at = _start(entry)
    return at is not None, at.timestamp() if at is not None else 0.0


def _plain(value: float | None) -> str:
    return DASH if value is None else f"{value:.0f}"


COLUMNS: tuple[Column, ...] = (
    Column("started", 16, started, _by_start),
    Column("model", 0, model, lambda entry: (True, model(entry).lower())),
    Column("GPU", 10, gpus, lambda entry: (True, gpus(entry).lower()), from_width=50),
    Column("TP", 2, lambda entry: _plain(_of(entry, "tp")), _number("tp"), right=True, from_width=64),
    Column("lev", 3, lambda entry: _plain(_of(entry, "levels")), _number("levels"), right=True, from_width=68),
    Column("tok/s", 6, lambda entry: kilo(_of(entry, "peak_tok_s")), _number("peak_tok_s"), right=True),
    Column("time", 7, lambda entry: DASH if (s := _of(entry, "duration_s")) is None else clock(s),
           _number("duration_s"), right=True, from_width=60),
    Column("size", 5, lambda entry: size(entry.size_bytes), lambda entry: (True, float(entry.size_bytes)),
           right=True, from_width=72),
    Column("state", 5, lambda entry: entry.state, lambda entry: (True, entry.state)),
    Column("server", 24, lambda entry: clean(entry.target or DASH).partition("://")[2] or DASH,
           lambda entry: (True, entry.target or ""), from_width=110),
    Column("file", 34, lambda entry: clean(entry.path.name, 200), lambda entry: (True, entry.path.name),
           from_width=150),
)  # fmt: skip
"""The column of width 0 takes what is left."""
_GAP = 1
_MARK = 3


def matches(entry: Entry, words: str) -> bool:
    """Return whether an entry has every one of the words, in any case, in what the list shows or its path."""
    if not words:
        return True
    whole = entry.summary.model if entry.summary is not None else ""
    texts = [*(column.cell(entry) for column in COLUMNS), str(entry.path), whole or "", entry.problem or ""]
    text = " ".join(texts).lower()
    return all(word in text for word in words.lower().split())


def chosen(entries: Sequence[Entry], look: Look) -> list[Entry]:
    """Return the entries that are shown, in order; what is not known stays at the end."""
    column = next(column for column in COLUMNS if column.name == look.sort)
    found = [entry for entry in entries if matches(entry, look.filter)]
    found.sort(key=_by_start, reverse=True)
    known = [entry for entry in found if column.key(entry)[0]]
    known.sort(key=column.key, reverse=look.descending)
    return known + [entry for entry in found if not column.key(entry)[0]]


def sorted_by(look: Look, name: str) -> Look:
    """Sort by a column; numbers and times begin with the largest. The same column again: the other way round."""
    if name == look.sort:
        return replace(look, descending=not look.descending)
    column = next(column for column in COLUMNS if column.name == name)
    return replace(look, sort=name, descending=column.right or name == "started")


def columns_for(width: int) -> list[tuple[Column, int, int]]:
    """Return the columns that a screen has room for, each with its place and its width."""
    shown = [column for column in COLUMNS if column.from_width <= width]
    spare = max(8, width - _MARK - sum(column.width + _GAP for column in shown))
    places: list[tuple[Column, int, int]] = []
    at = _MARK
    for column in shown:
        wide = column.width or spare
        places.append((column, at, wide))
        at += wide + _GAP
    return places


def heading(look: Look, width: int) -> Line:
    """Return the line of column names; an arrow marks the one that sorts."""
    spans: list[tuple[str, str]] = [(" " * _MARK, "text")]
    for column, _, wide in columns_for(width):
        sorts = column.name == look.sort
        name = f"{column.name}{('↓' if look.descending else '↑') if sorts else ''}"
        text = (lpad if column.right else pad)(name[:wide] if not sorts else name[-max(wide, 1) :], wide)
        spans += [(text, "accent" if sorts else "title"), (" " * _GAP, "text")]
    return fit(tuple(spans), width)


def row(entry: Entry, width: int, *, here: bool, mark: str = " ") -> Line:
    """Return an entry's line; a mark is one cell wide."""
    spans: list[tuple[str, str]] = [("▸" if here else " ", "accent"), (f"{mark} ", "warn")]
    bad = entry.problem is not None
    for column, _, wide in columns_for(width):
        text = column.cell(entry)
        cell = fit(say(lpad(text, wide) if column.right else text), wide)
        role = "dim" if bad else "value" if here or column.name == "tok/s" else "text"
        if column.name == "state":
            role = STATE_ROLES[entry.state]
        spans += [*((piece, role) for piece, _ in cell), (" " * _GAP, "text")]
    return fit(tuple(spans), width)


def listing(entries: Sequence[Entry], at: int, top: int, marked: Sequence[Path], width: int, height: int) -> Lines:
    """Return the lines of the list from ``top`` on; those that are marked have the number of their turn."""
    marks = {path: str(turn) if turn < 10 else "*" for turn, path in enumerate(marked, 1)}
    return tuple(
        row(entry, width, here=top + n == at, mark=marks.get(entry.path, " "))
        for n, entry in enumerate(entries[top : top + height])
    )


def detail(entry: Entry) -> Lines:
    """Return what the line of the list has no room for: why it cannot be opened, else server and model; its path."""
    if entry.problem is not None:
        first = say(f"✗ {clean(entry.problem)}", "bad")
    elif entry.writing:
        first = say("a session is writing it now; its figures come when it has ended", "good")
    elif entry.summary is None:
        first = say("not read to its end yet", "dim")
    else:
        found = entry.summary
        why = f"ended: {clean(found.ended)}" if found.ended else "cut off: it has no end"
        requests = f"{found.requests:,} request{'' if found.requests == 1 else 's'}"
        first = say(
            f"{clean(found.model or DASH, 120)} at {clean(entry.target or DASH, 120)}, {requests}, {why}", "text"
        )
    return first, say(clean(str(entry.path)), "dim")
