"""Recordings made to measure, and the real ones, unpacked."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

from session.codec import encode
from session.events import FORMAT, End, Event, Header, Level, Request, Tick
from session.gaps import bucket_of
from session.recording import Writer

DATA = Path(__file__).parents[1] / "data" / "recordings"
HEADER = Header(
    format=FORMAT, rooftop="0.1.0", started_at="2026-11-21T10:00:00+00:00", host="h", target="http://localhost:8000",
    prompt_tokens=128, output_tokens=33,
)  # fmt: skip


def real(name: str, folder: Path) -> Path:
    path = folder / Path(name).name
    path.write_bytes(gzip.decompress((DATA / f"{name}.rooftop.gz").read_bytes()))
    return path


def made(
    path: Path, *, requests: int = 200, tpot_s: float = 0.005, noise: float = 0.01, concurrency: int = 4,
    seed: int = 1, levels: tuple[int, ...] = (), failed: int = 0, header: Header = HEADER,
) -> Path:  # fmt: skip
    """Write a recording of closed levels one after the other, each with so many requests of 33 tokens."""
    source = random.Random(seed)
    events: list[Event] = []
    now_s = 0.0
    for number, amount in enumerate(levels or (concurrency,), 1):
        events.append(Level(t_s=now_s, concurrency=amount, by="plan"))
        begin_s = now_s
        for _ in range(max(1, requests // amount)):
            step_s = tpot_s * (1 + source.gauss(0, noise))
            e2e_s = 0.01 + 32 * step_s
            now_s += e2e_s
            for slot in range(amount):
                one_s = step_s * (1 + source.gauss(0, noise))
                events.append(Request(
                    t_s=now_s, start_s=now_s - e2e_s, ttft_s=0.01 * (1 + source.gauss(0, noise)),
                    last_s=0.01 + 32 * one_s, prompt_tokens=128, output_tokens=33, level=number,
                    error="reset" if slot < failed else None,
                ))  # fmt: skip
            events.append(Tick(t_s=now_s, dt_s=e2e_s, worker=0, in_flight=amount, output_tokens=33 * amount,
                               prompt_tokens=128 * amount, ttft_s=[0.01] * amount,
                               itl={bucket_of(step_s): 32 * amount}))  # fmt: skip
        assert now_s > begin_s
    events.append(End(t_s=now_s, reason="done"))
    path.unlink(missing_ok=True)
    writer = Writer(path, header)
    writer.append([encode(event) for event in events])
    writer.close()
    return path
