"""CSV files: one for each table, UTF-8 with a header line."""

from __future__ import annotations

import csv
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from results.export.tables import TABLES, Row, levels, rows_of
from results.stream import Stream
from session.plain import plain


def export(source: Path, out: Path) -> list[Path]:
    """Write ``requests.csv``, ``gpus.csv``, ``server.csv`` and ``levels.csv`` into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    paths = {name: out / f"{name}.csv" for name in (*TABLES, "levels")}
    with ExitStack() as stack:
        files = {
            name: stack.enter_context(path.open("w", encoding="utf-8", newline="")) for name, path in paths.items()
        }
        writers = {
            name: csv.DictWriter(files[name], columns, extrasaction="ignore") for name, columns in TABLES.items()
        }
        for writer in writers.values():
            writer.writeheader()
        stream = stack.enter_context(Stream(source))
        for event in stream:
            for name, row in rows_of(event):
                writers[name].writerow({key: _safe(value) for key, value in row.items()})
        _write_levels(files["levels"], levels(stream.snapshot()))
    return list(paths.values())


def _write_levels(file: Any, found: list[Row]) -> None:
    columns = list(dict.fromkeys(name for row in found for name in row))
    writer = csv.DictWriter(file, columns)
    writer.writeheader()
    writer.writerows({key: _safe(value) for key, value in row.items()} for row in found)


def _safe(value: Any) -> Any:
    """Return text without control characters, and with an apostrophe where a spreadsheet would see a formula."""
    if not isinstance(value, str):
        return value
    shown = plain(value)
    return f"'{shown}" if shown[:1] in ("=", "+", "-", "@") else shown
