"""Parquet files: one for each table. Needs pyarrow: the extra ``parquet``."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from results.export.tables import TABLES, Row, kind_of, levels, rows_of
from results.stream import Stream
from results.unsuited import Unsuited

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

ROWS = 20_000
"""In a row group; what is held in memory at a time."""


def export(source: Path, out: Path) -> list[Path]:
    """Write ``requests.parquet``, ``gpus.parquet``, ``server.parquet`` and ``levels.parquet`` into a folder."""
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise Unsuited("Parquet needs pyarrow: pip install 'rooftop[parquet]', or --to csv") from None
    out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        tables = {name: stack.enter_context(_Table(out / f"{name}.parquet", kinds)) for name, kinds in TABLES.items()}
        stream = stack.enter_context(Stream(source))
        for event in stream:
            for name, row in rows_of(event):
                tables[name].add(row)
        found = levels(stream.snapshot())
        columns = dict.fromkeys(name for row in found for name in row)
        kinds = {name: kind_of(row.get(name) for row in found) for name in columns} or {"concurrency": "int"}
        last = stack.enter_context(_Table(out / "levels.parquet", kinds))
        for row in found:
            last.add(row)
    return [out / f"{name}.parquet" for name in (*TABLES, "levels")]


class _Table:
    """One file, written in row groups, compressed with zstd."""

    def __init__(self, path: Path, kinds: dict[str, str]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        types = {"float": pa.float64(), "int": pa.int64(), "text": pa.string(), "bool": pa.bool_()}
        self._schema: pa.Schema = pa.schema([(name, types[kind]) for name, kind in kinds.items()])
        self._columns: dict[str, list[Any]] = {name: [] for name in kinds}
        self._held = 0
        self._writer: pq.ParquetWriter = pq.ParquetWriter(path, self._schema, compression="zstd")

    def __enter__(self) -> _Table:
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._writer.close()

    def add(self, row: Row) -> None:
        for name, column in self._columns.items():
            column.append(row.get(name))
        self._held += 1
        if self._held >= ROWS:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._held:
            arrays = [pa.array(self._columns[field.name], field.type) for field in self._schema]
            self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        for column in self._columns.values():
            column.clear()
        self._held = 0
