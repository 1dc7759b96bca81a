"""What holds at the newest event: the load that is asked for, and what the live verdict is judged from."""

from __future__ import annotations

from regime.evidence import Evidence
from session.events import Level, Tick
from session.judging import CPU_LIMIT, LAG_LIMIT_S, Load, gather
from session.kept import RECENT_S, Kept
from session.servers import ServerFold
from session.setup import Setup

_NOTHING = Level(t_s=0.0, concurrency=0)
_TRACE_TO_COME = Level(t_s=0.0, concurrency=0, mode="trace", speed=0.0)


def load_of(kept: Kept) -> Level:
    """Return what is asked for now."""
    if (level := kept.book.last()) is not None:
        return level.load
    return _NOTHING if kept.header.trace is None else _TRACE_TO_COME


def late(tick: Tick) -> bool:
    """Whether the load generator itself was the limit in this tick."""
    lagging = tick.lag_p99_s is not None and tick.lag_p99_s > LAG_LIMIT_S
    return lagging or (tick.cpu is not None and tick.cpu > CPU_LIMIT)


def limited(kept: Kept) -> bool:
    """Whether the load generator is the limit now."""
    return any(late(tick) for tick in kept.health.values())


def missing(kept: Kept, *sources: str) -> str | None:
    """Return why the first of these sources that is missing, or GPUs that are told of too late, are missing."""
    said = (kept.sources.get(name) for name in sources)
    return next((event.reason for event in said if event and (not event.ok or event.source == "gpus")), None)


def max_num_seqs(kept: Kept) -> int | None:
    """Return what the user said, else what the server did."""
    return kept.header.max_num_seqs or (kept.server.max_num_seqs if kept.server else None)


def setup_of(kept: Kept) -> Setup:
    """Return what the arithmetic rests on."""
    return Setup.of(kept.header, kept.server, kept.gpus, kept.model, kept.kv_cache_dtype)


def evidence(kept: Kept, setup: Setup, now_s: float) -> Evidence:
    """Gather the last few seconds, and nothing that is older."""
    means = {i: m for i, r in kept.recent_gpus.items() if (m := r.mean(i, now_s)) is not None}
    last, asked = kept.recent_server.latest(), load_of(kept)
    server = kept.recent_server if last and last.t_s > now_s - RECENT_S else ServerFold()
    load = Load(
        concurrency=asked.concurrency if asked.mode == "closed" else sum(kept.in_flight.values()),
        prompt_tokens=kept.prompt_tokens,
        output_len=kept.output_len,
        itl_mean_s=kept.window.mean_gap_s(now_s, RECENT_S),
        client_limited=limited(kept),
        transient=kept.memory.settling.why(now_s),
        max_num_seqs=max_num_seqs(kept),
    )
    return gather(setup, load, server, means, kept.gpus, missing(kept, "server", "gpus"), kept.memory.ceilings)
