"""The numbers one looks at first."""

from __future__ import annotations

from dataclasses import dataclass, replace

from session.view import Goodput
from tui.draw.fmt import DASH, kilo, ms, whole
from tui.lines import Block, Line, fit, lpad, pad, say
from tui.panels.text import errors_text
from tui.scene import Scene


@dataclass(frozen=True, slots=True)
class Tile:
    """A label, a value with its unit, and a second fact."""

    label: str
    short: str
    value: str
    unit: str
    below: str
    role: str = "value"


def tiles(scene: Scene, width: int, height: int) -> Block:
    """Return the tiles in one row, or as a grid of small facts where the screen is narrow."""
    del height
    if width >= 108:
        return Block(_row(tile_list(scene), width))
    return Block(_grid(scene, width))


def tile_list(scene: Scene) -> list[Tile]:
    """Return all tiles."""
    snap = scene.snapshot
    lat = snap.window
    return [
        _load(scene),
        Tile("Output", "out", kilo(snap.rates.output_tok_s), "tok/s", f"total {kilo(snap.rates.total_tok_s)}"),
        Tile("Requests", "req", kilo(snap.rates.requests_s), "/s", _done(scene)),
        Tile("TTFT p50", "TTFT", ms(lat.ttft.p50), "ms", f"p99 {ms(lat.ttft.p99)} ms"),
        Tile("TPOT p50", "TPOT", ms(lat.tpot.p50), "ms", f"p99 {ms(lat.tpot.p99)} ms"),
        Tile("ITL p99", "ITL p99", ms(lat.itl.p99), "ms", f"p50 {ms(lat.itl.p50)} ms"),
        Tile("E2E p50", "E2E", ms(lat.e2e.p50), "ms", f"p99 {ms(lat.e2e.p99)} ms"),
        _errors(scene),
    ]


def _errors(scene: Scene) -> Tile:
    errors = scene.snapshot.errors
    count = sum(errors.values())
    return Tile("Errors", "err", whole(count), "", errors_text(errors) or "none", "bad" if count else "value")


def _load(scene: Scene) -> Tile:
    if scene.mode == "open":
        return Tile("Rate", "rate/s", _target(scene), "req/s", _flight(scene), "accent")
    if scene.mode == "trace":
        return Tile("Trace speed", "trace", _target(scene), "", _replayed(scene), "accent")
    return Tile("Concurrency", "conc", _target(scene), "", _flight(scene), "accent")


def _done(scene: Scene) -> str:
    """Say how many of the requests were good, where the user said what is."""
    good = scene.snapshot.goodput
    return f"{whole(scene.snapshot.requests)} done" if good is None else f"good {_share(good)} %"


def _share(good: Goodput) -> str:
    return whole(None if good.share is None else good.share * 100)


def _target(scene: Scene) -> str:
    times = "×" if scene.mode == "trace" else ""
    return f"→ {times}{scene.typed}⏎" if scene.typed is not None else f"{times}{scene.target:,g}"


def _replayed(scene: Scene) -> str:
    """Say how far the trace is; while it is stopped, at which speed it was."""
    trace = scene.snapshot.trace
    if trace is None or scene.paused:
        return _flight(scene)
    return f"{_count(trace.ended)} of {_count(trace.requests)}"


def _count(n: int) -> str:
    return whole(n) if n < 10_000 else kilo(n)


def _flight(scene: Scene) -> str:
    snap = scene.snapshot
    if scene.paused:
        return f"was {'×' if snap.mode == 'trace' else ''}{snap.resume_to:g}"
    return f"{snap.in_flight} active"


def _row(tiles: list[Tile], width: int) -> tuple[Line, ...]:
    """Draw tiles side by side, three lines each, with a bar between two."""
    edges = [round(width * column / len(tiles)) for column in range(len(tiles) + 1)]
    rows: list[list[tuple[str, str]]] = [[], [], []]
    for column, tile in enumerate(tiles):
        last = column == len(tiles) - 1
        room = edges[column + 1] - edges[column] - (0 if last else 2)
        for row, line in zip(rows, _cell(tile), strict=True):
            row.extend(fit(line, room))
            if not last:
                row.append(("│ ", "border"))
    return tuple(tuple(row) for row in rows)


def _cell(tile: Tile) -> tuple[Line, Line, Line]:
    unit = f" {tile.unit}" if tile.unit and tile.value != DASH else ""
    return say(tile.label, "dim"), ((tile.value, tile.role), (unit, "text")), say(tile.below, "dim")


def _grid(scene: Scene, width: int) -> tuple[Line, ...]:
    """Draw three rows of facts: four columns from 80 cells on, else three."""
    rows = _facts(scene)
    if width < 80:
        rows = [row[:3] for row in rows]
    return tuple(_fact_row(row, width) for row in rows)


def _facts(scene: Scene) -> list[list[Tile]]:
    snap = scene.snapshot
    conc, out, req, ttft, tpot, itl, e2e, err = tile_list(scene)
    conc = replace(conc, unit="")  # its name says it: "rate/s"
    if snap.goodput is None:
        total = Tile("", "total", kilo(snap.rates.total_tok_s), "tok/s", "")
    else:
        total = Tile("", "good", _share(snap.goodput), "%", "")
    active = Tile("", "active", whole(snap.in_flight), "", "")
    ttft99 = Tile("", "p99", ms(snap.window.ttft.p99), "ms", "")
    e2e99 = Tile("", "p99", ms(snap.window.e2e.p99), "ms", "")
    return [[conc, out, ttft, ttft99], [active, req, tpot, itl], [err, total, e2e, e2e99]]


def _fact_row(row: list[Tile], width: int) -> Line:
    """Draw facts; the first column has no units and leaves its room to the others."""
    first = width // len(row) - 4
    room = (width - first) // (len(row) - 1)
    spans: list[tuple[str, str]] = []
    for at, tile in enumerate(row):
        unit = f" {tile.unit}" if tile.unit else ""
        fact: Line = ((pad(tile.short, 7), "dim"), (lpad(tile.value, 6), tile.role), (unit, "dim"))
        spans.extend(fit(fact, room if at else first))
    return tuple(spans)
