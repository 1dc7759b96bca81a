"""What was measured of each client, and the lines that stand beneath the table."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bench.loadgen.clients import Client
from bench.loadgen.judging import ERRORS
from bench.loadgen.tables import Figures, number

MOST_RECORDING_PERCENT = 10.0
MOST_FIRST_REQUEST_S = 0.5
MOST_TLS_ITL_MS = 1.5


@dataclass(slots=True)
class Row:
    """What was measured of one client."""

    client: Client
    runs: list[Figures] = field(default_factory=list)
    extra: list[Figures] = field(default_factory=list)
    """Beside the table: errors of quantiles, also of those that are matched, and CPU by process."""
    matched: bool = True
    unlike: int = 0
    start_cpu_s: float = 0.0
    start_parts: dict[str, float] = field(default_factory=dict)

    def median(self, key: str) -> float | None:
        """Return the median of a figure of the table."""
        return _median(self.runs, key)

    def beside(self, key: str) -> float | None:
        """Return the median of a figure beside the table."""
        return _median(self.extra, key)


def _median(runs: Sequence[Figures], key: str) -> float | None:
    values = [value for run in runs if (value := run.get(key)) is not None]
    return statistics.median(values) if values else None


def disturbed(rows: Sequence[Row]) -> Iterator[str]:
    """Say how much of the cores went to others."""
    shares = ", ".join(f"{row.client.name} {100 * (row.beside('others') or 0.0):.0f} %" for row in rows)
    yield f"- What other processes took of these cores meanwhile: {shares}."


def judged(rows: Sequence[Row]) -> Iterator[str]:
    """Say how the errors were found."""
    if one_by_one := [row.client.name for row in rows if row.matched]:
        yield f"- Each request is held to its own line of the server's log: {', '.join(one_by_one)}."
    if spread := [row.client.name for row in rows if not row.matched]:
        yield (
            f"- Requests are not named, so the quantiles told are held to the log's quantiles: {', '.join(spread)}. "
            "A recording keeps gaps in buckets of 1 %: its ITL error has that grain."
        )
    for row in rows:
        if row.unlike:
            yield f"- {row.client.name} counted the chunks of {row.unlike} requests otherwise; no ITL error has them."
    yield "- CPU is user and system of all processes, less that of a run with one request; memory is the peak of PSS."


def whole(ours: Row | None, program: Row | None) -> Iterator[str]:
    """Say what the whole program costs, and what of it is recording."""
    if program is None:
        return
    first_s = program.median("first_request_s")
    yield f"- {program.client.name}: first request after {number(first_s)} s (at most {MOST_FIRST_REQUEST_S:g} wanted)."
    parts = ", ".join(f"{part} {number(program.beside(part))}" for part in program.client.parts)
    yield f"- {program.client.name}: CPU-s per million chunks by process: {parts}."
    if ours is None:
        return
    alone, total = ours.median("cpu_s_per_million"), program.median("cpu_s_per_million")
    if alone and total:
        yield (
            f"- A recorded session against the pool alone: CPU {100 * (total / alone - 1):+.1f} % (at most "
            f"+{MOST_RECORDING_PERCENT:g} % wanted). The pool alone records nothing, but keeps each token's time."
        )
    pairs = (f"{key} {number(program.beside(key))} against {number(ours.beside(key))}" for key in ERRORS)
    yield f"- Its errors of quantiles: {', '.join(pairs)}."


def encrypted(rows: Sequence[Row]) -> Iterator[str]:
    """Say how far ITL is off under TLS."""
    for row in rows:
        error = number(row.median("itl_p99_ms"))
        yield f"- TLS, {row.client.name}: ITL error p99 {error} ms (at most {MOST_TLS_ITL_MS:g} wanted)."


def shared(one: Row | None, more: Row | None, workers: int, client_cores: int, server_cores: int) -> Iterator[str]:
    """Say what more workers bring."""
    if one is None or more is None:
        return
    rates = one.median("chunks_per_s"), more.median("chunks_per_s")
    gain = f"{rates[1] / rates[0]:.2f} times one worker's chunks/s" if rates[0] and rates[1] else "no figure"
    yield (
        f"- {workers} workers: {gain}, on {client_cores} core(s) against {server_cores} server(s) on a core each."
        + ("" if client_cores >= workers else f" That is no measure: {workers} workers need {workers} free cores.")
    )
