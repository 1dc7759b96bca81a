"""What a client told against what the server's log knows. Times in milliseconds; nothing here starts a process."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ERRORS = ("ttft_p50_ms", "ttft_p99_ms", "itl_p99_ms", "tpot_p99_ms")


@dataclass(frozen=True, slots=True)
class Told:
    """One request; ``None`` where nothing was said. ``gaps_ms`` are those between its chunks, in order."""

    name: str | None
    ttft_ms: float | None
    gaps_ms: list[float] | None = None
    tpot_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """All that a client told. ``gaps_ms`` is for those that tell gaps of all requests together."""

    requests: list[Told]
    gaps_ms: list[float] | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The errors, and whether each request was held to its own line of the log."""

    errors: dict[str, float | None]
    matched: bool
    unlike: int = 0
    """Requests whose chunks the client counted otherwise than the server: they are in no ITL error."""


def read_log(path: Path) -> dict[str, list[int]]:
    """Return a log's rows by name: a start and the times of the tokens, in nanoseconds."""
    return {row[0]: [int(x) for x in row[1:]] for row in map(str.split, path.read_text().splitlines())}


def told_of(rows: dict[str, list[int]]) -> list[Told]:
    """Return a log's rows as what a client would tell of them."""
    return [_told(name, start, times) for name, (start, *times) in rows.items() if times]


def _told(name: str, start: int, times: list[int]) -> Told:
    gaps = [(b - a) / 1e6 for a, b in pairwise(times)]
    return Told(name, (times[0] - start) / 1e6, gaps, sum(gaps) / len(gaps) if gaps else None)


def quantile(values: list[float], q: float) -> float | None:
    """Return a quantile by nearest rank; ``None`` of nothing."""
    return sorted(values)[int(q * (len(values) - 1))] if values else None


def judge(truth: dict[str, list[int]], account: Account) -> Verdict:
    """Hold each request to its own line where all names are in the log, else all of them to the whole log."""
    if account.requests and all(told.name in truth for told in account.requests):
        return _one_by_one(truth, account)
    return Verdict(spread_errors(truth, account), matched=False)


def _one_by_one(truth: dict[str, list[int]], account: Account) -> Verdict:
    true = {told.name: told for told in told_of(truth)}
    ttft, itl, tpot, unlike = [], [], [], 0
    for told in account.requests:
        was = true[told.name]
        if told.ttft_ms is not None and was.ttft_ms is not None:
            ttft.append(abs(told.ttft_ms - was.ttft_ms))
        if told.tpot_ms is not None and was.tpot_ms is not None:
            tpot.append(abs(told.tpot_ms - was.tpot_ms))
        if told.gaps_ms is not None and was.gaps_ms is not None:
            if len(told.gaps_ms) == len(was.gaps_ms):
                itl += [abs(a - b) for a, b in zip(told.gaps_ms, was.gaps_ms, strict=True)]
            else:
                unlike += 1
    figures = (quantile(ttft, 0.5), quantile(ttft, 0.99), quantile(itl, 0.99), quantile(tpot, 0.99))
    return Verdict(dict(zip(ERRORS, figures, strict=True)), matched=True, unlike=unlike)


def spread_errors(truth: dict[str, list[int]], account: Account) -> dict[str, float | None]:
    """Return how far the client's quantiles are from the log's: of requests that cannot be told apart."""
    said, was = _figures(account), _figures(Account(told_of(truth)))
    return {key: None if (a := said[key]) is None or (b := was[key]) is None else abs(a - b) for key in ERRORS}


def _figures(account: Account) -> dict[str, float | None]:
    ttft = [told.ttft_ms for told in account.requests if told.ttft_ms is not None]
    tpot = [told.tpot_ms for told in account.requests if told.tpot_ms is not None]
    gaps = account.gaps_ms
    if gaps is None:
        gaps = [gap for told in account.requests for gap in told.gaps_ms or ()]
    figures = (quantile(ttft, 0.5), quantile(ttft, 0.99), quantile(gaps, 0.99), quantile(tpot, 0.99))
    return dict(zip(ERRORS, figures, strict=True))


def chunks(truth: dict[str, list[int]]) -> int:
    """Return how many tokens the server sent."""
    return sum(len(row) - 1 for row in truth.values())


def chunks_per_s(truth: dict[str, list[int]]) -> float:
    """Return tokens over the time from the first request to the last token."""
    span_ns = max(row[-1] for row in truth.values()) - first_ns(truth)
    return chunks(truth) / span_ns * 1e9


def first_ns(truth: dict[str, list[int]]) -> int:
    """Return when the first request came in."""
    return min(row[0] for row in truth.values())
