"""A recording as flat tables: ``requests``, ``gpus`` and ``server`` row by row as they come, and ``levels``.

Columns are the fields of the events (docs/recording.md) by their names; a value that is not known is empty, never 0.
What is no number, text or truth value is left out, but for what holds the clocks down, which is a column each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, get_args

import msgspec

from session.events import EngineSample, Event, GpuReading, GpuSample, Metrics, Request
from session.report import report
from session.view import Snapshot
from session.window import tpot_s

Row = dict[str, Any]
THROTTLES = ("power", "thermal", "sync boost", "board", "low use", "SW heat", "HW heat", "brake")
_PLAIN: dict[Any, str] = {float: "float", int: "int", str: "text", bool: "bool"}


def _columns(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Return the columns of an event and their kinds: ``float``, ``int``, ``text`` or ``bool``."""
    found: dict[str, str] = {}
    for field in msgspec.structs.fields(struct):
        kinds = [kind for kind in (get_args(field.type) or (field.type,)) if kind is not type(None)]
        if len(kinds) == 1 and kinds[0] in _PLAIN:
            found[field.name] = _PLAIN[kinds[0]]
    return found


_REQUEST, _GPU, _ENGINE = _columns(Request), _columns(GpuReading), _columns(EngineSample)
TABLES: dict[str, dict[str, str]] = {
    "requests": {**_REQUEST, "tpot_s": "float"},
    "gpus": {"t_s": "float", **_GPU, **{f"throttled_{name.replace(' ', '_')}_pct": "float" for name in THROTTLES}},
    "server": {"t_s": "float", "engine": "text", **_ENGINE},
}
"""Columns of what comes row by row, in order, with their kinds."""


def rows_of(event: Event) -> Iterator[tuple[str, Row]]:
    """Return the rows that an event makes, and of which table."""
    match event:
        case Request():
            yield "requests", {**_taken(event, _REQUEST), "tpot_s": tpot_s(event)}
        case GpuSample():
            for reading in event.gpus:
                held = {f"throttled_{k.replace(' ', '_')}_pct": v for k, v in reading.throttled_pct.items()}
                yield "gpus", {"t_s": event.t_s, **_taken(reading, _GPU), **held}
        case Metrics():
            for label, engine in event.engines.items():
                yield "server", {"t_s": event.t_s, "engine": label, **_taken(engine, _ENGINE)}


def rows(events: Iterable[Event]) -> Iterator[tuple[str, Row]]:
    """Return the rows of many events."""
    for event in events:
        yield from rows_of(event)


def levels(snapshot: Snapshot) -> list[Row]:
    """Return a row for each level: the report's figures, nested names joined by an underscore."""
    return [dict(_flat(level)) for level in report(snapshot)["levels"]]


def kind_of(values: Iterable[Any]) -> str:
    """Return the kind of a column by its values."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {bool}:
        return "bool" if kinds else "float"
    if kinds <= {int}:
        return "int"
    return "float" if kinds <= {int, float} else "text"


def _taken(struct: msgspec.Struct, columns: Iterable[str]) -> Row:
    return {name: getattr(struct, name) for name in columns}


def _flat(value: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, item in value.items():
        if isinstance(item, dict):
            yield from _flat(item, f"{prefix}{name}_")
        elif isinstance(item, list):
            if name.endswith("ci95") and len(item) == 2:
                yield from ((f"{prefix}{name}_{end}", bound) for end, bound in zip(("low", "high"), item, strict=True))
        else:
            yield prefix + name, item
