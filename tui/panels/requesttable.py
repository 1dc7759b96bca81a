"""The requests that ended: the latest, or the slowest."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

from session.finished import Ended, FinishedView
from session.window import tpot_s
from tui.draw.clean import clean
from tui.draw.fmt import DASH, clock, ms, sig3, whole
from tui.lines import Block, Line, join, say
from tui.listing import chosen, position, window
from tui.panels.remedies import named
from tui.panels.text import table_row
from tui.scene import Scene

COLUMNS = ("E2E", "TTFT", "TPOT", "tokens")
"""What the list can be sorted by; the slowest are those of the level."""
_HEADS = (
    *(("ended", 8, 0), ("load", 6, 4), ("queue ms", 8, 7), ("TTFT ms", 8, 0), ("TPOT ms", 7, 1)),
    *(("E2E s", 6, 0), ("prompt", 6, 3), ("output", 6, 2)),
)
"""Heading, width, and rank: the highest goes first where it gets narrow."""
_ANSWER = 10
"""Cells for how it ended."""
_BUSY = 10
"""Requests a second from which the list moves on once a second: a list that runs cannot be read."""
_Key = Callable[[Ended], float]


def _or_least(value: float | None) -> float:
    return -1.0 if value is None else value


_KEYS: dict[str, _Key] = {
    "E2E": lambda ended: _or_least(ended.request.last_s),
    "TTFT": lambda ended: _or_least(ended.request.ttft_s),
    "TPOT": lambda ended: _or_least(tpot_s(ended.request)),
    "tokens": lambda ended: ended.request.output_tokens,
}


def listed(scene: Scene) -> Sequence[Ended]:
    """Return the rows of the list in their order: the last is the newest, or the slowest."""
    look, found = scene.look, scene.snapshot.finished
    if look.sort == "E2E":
        rows = found.slowest_e2e[::-1]
    elif look.sort == "TTFT":
        rows = found.slowest_ttft[::-1]
    else:
        rows = settled(found, scene.snapshot.now_s)
        if look.sort in _KEYS:
            rows = tuple(sorted(rows, key=_KEYS[look.sort]))
    return rows[::-1] if look.descending else rows


def settled(found: FinishedView, now_s: float) -> tuple[Ended, ...]:
    """Return the latest; where they come fast, those up to the last whole second."""
    latest = found.latest
    ends = [ended.request.t_s for ended in latest]
    if len(latest) - bisect_right(ends, now_s - 1.0) <= _BUSY:
        return latest
    return latest[: bisect_right(ends, float(int(now_s)))] or latest


def request_table(scene: Scene, width: int, height: int) -> Block:
    """Return the list, its newest or slowest last."""
    rows = listed(scene)
    title = _title(scene, len(rows))
    if not rows:
        return Block((say("no request has ended yet", "dim"),) if height > 0 else (), title)
    keep = _kept(width, queued=any(ended.request.queue_s is not None for ended in rows))
    at = chosen(scene.look, len(rows), from_end=True)
    shown = window(at, len(rows), height - 1)
    head = (*table_row([(_HEADS[i][0], "dim") for i in keep], [_HEADS[i][1] for i in keep]), ("  answer", "dim"))
    marked = scene.look.row is not None
    lines = [request_row(rows[i], keep, chosen=marked and i == at) for i in shown]
    return Block((head, *lines)[: max(0, height)], title, say(position(shown, len(rows)), "dim"))


def _title(scene: Scene, count: int) -> Line:
    sort, level = scene.look.sort, scene.snapshot.finished.level
    if sort in ("E2E", "TTFT"):
        named, which = "Slowest requests", f"by {sort}, of level {level}" if level else f"by {sort}"
    else:
        named, which = "Requests", f"the latest {count}" + (f" by {sort}" if sort else ", as they ended")
    return join([say(named, "title"), say(which if count else "", "dim")])


def _kept(width: int, *, queued: bool) -> list[int]:
    """Return the columns that fit beside the answer; the queue's only in an open loop."""
    keep = [i for i in range(len(_HEADS)) if queued or not _HEADS[i][0].startswith("queue")]
    while len(keep) > 3 and sum(_HEADS[i][1] + 2 for i in keep) + _ANSWER > width:
        worst = max(_HEADS[i][2] for i in keep)
        keep = [i for i in keep if _HEADS[i][2] != worst]
    return keep


def request_row(ended: Ended, keep: Sequence[int], *, chosen: bool) -> Line:
    """Return a request's cells and how it ended."""
    cells = _cells(ended)
    row = table_row([cells[i] for i in keep], [_HEADS[i][1] for i in keep])
    text, role = answer(ended)
    line: Line = (*row, (f"  {text}", role))
    return ((("▶" + row[0][0][1:]), "accent"), *line[1:]) if chosen else line


def _cells(ended: Ended) -> tuple[tuple[str, str], ...]:
    request = ended.request
    tokens = whole(request.output_tokens) if request.output_tokens or request.error is None else DASH
    tenth = int(request.t_s * 10) % 10
    return (  # few roles: each change of colour is sent, and the list moves every second
        (f"{clock(request.t_s)}.{tenth}", "dim"),
        (ended.load or DASH, "dim"),
        (ms(request.queue_s), "text"),
        (ms(request.ttft_s), "text"),
        (ms(tpot_s(request)), "text"),
        (sig3(request.last_s), "text"),
        (whole(request.prompt_tokens), "text"),
        (tokens if request.counted or tokens == DASH else f"~{tokens}", "text"),
    )


def answer(ended: Ended) -> tuple[str, str]:
    """Return how a request ended, with its status and text where it failed, and the role for it."""
    request = ended.request
    if request.error is None:
        return "ok", "good"
    if request.error == "cancelled":
        return "– cancelled", "dim"
    detail = f": {clean(request.detail)}" if request.detail else ""
    return f"✗ {named(clean(request.error), request.status)}{detail}", "bad"
