"""What a long recording costs, run by hand: ``python bench/sessions.py [--hours 8] [--keep FILE]``.

Makes a session (bench/made_session.py) and writes it as the engine would: 20 requests/s, eight GPUs, a reading a
second. Then it opens it, goes to instants all over it, reports it and exports it, and prints what all of that takes
beside its bound. Seeks are of the wall; where that is much more than the processor's time, the machine is busy.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.made_session import made_header, made_session
from session.codec import encode
from session.index import Index
from session.playback import ReplaySession
from session.recording import Writer
from session.saving import Saver

ROOT = Path(__file__).parents[1]


class Row(NamedTuple):
    """A figure."""

    what: str
    found: str
    bound: str = ""
    kept: bool | None = None


class Took(NamedTuple):
    """What something took."""

    wall_s: float
    cpu_s: float
    memory_mib: float = 0.0


def write(path: Path, hours: float) -> float:
    """Write a made-up session with its checkpoints; return the CPU seconds that all of it took."""
    writer, saver = Writer(path, made_header()), Saver(made_header())
    spent_s = 0.0
    for events in made_session(hours * 3600):
        begun_s = time.process_time()
        lines = [encode(event) for event in events]
        writer.append(lines)
        for event, line in zip(events, lines, strict=True):
            saver.add(event, len(line))
        if (made := saver.due()) is not None:
            writer.checkpoint(*made)
        spent_s += time.process_time() - begun_s
    if (made := saver.last()) is not None:
        writer.checkpoint(*made)
    writer.close()
    return spent_s


def timed(do: Callable[[], object]) -> Took:
    """Return what something took in this process."""
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    do()
    return Took(time.perf_counter() - wall_s, time.process_time() - cpu_s)


_RUN = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss)
sys.exit(code)
"""
"""A small process between: what this one holds in memory would count for its children."""


def ran(*words: str) -> Took:
    """Run rooftop; return what it took, and the most memory that it held."""
    begun_s = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _RUN, sys.executable, "-m", "rooftop", *words],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"rooftop {' '.join(words)}: exit code {done.returncode}")
    cpu_s, most_kib = done.stdout.split()
    return Took(time.perf_counter() - begun_s, float(cpu_s), float(most_kib) / 1024)


def without_links(path: Path, to: Path) -> Path:
    """Copy a recording with a link in its middle damaged, so that frames have to be gone through."""
    data = bytearray(path.read_bytes())
    data[data.index(b"\xf5RTFL", len(data) // 2) + 60] ^= 1
    to.write_bytes(data)
    return to


def settle(replay: ReplaySession) -> None:
    """Refresh until the picture is that of the position."""
    while replay.refresh().reading is not None:
        pass


def rows(path: Path, hours: float, seeks: int) -> Iterator[Row]:
    """Give what the recording format costs."""
    share = write(path, hours) / (hours * 3600)
    size = path.stat().st_size / 1e6 / hours
    yield Row("an hour on disk, checkpoints included", f"{size:.1f} MB", "12 MB", size <= 12)
    yield Row("encoding, folding and writing, of a core", f"{share:.2%}", "1 %", share < 0.01)
    opened: list[ReplaySession] = []
    took = timed(lambda: (opened.append(ReplaySession(path)), opened[0].refresh()))
    (replay,) = opened
    yield Row("opening until the first picture", f"{took.wall_s * 1e3:.0f} ms", "1 s", took.wall_s < 1)
    damaged = without_links(path, path.with_suffix(".damaged"))
    took = timed(lambda: Index.open(damaged).close())
    damaged.unlink()
    yield Row("its index where a link is damaged", f"{took.wall_s * 1e3:.0f} ms")
    yield from instants(replay, seeks)


def instants(replay: ReplaySession, seeks: int) -> Iterator[Row]:
    """Give how soon any instant is there, and how soon the GPUs' past."""
    replay.play_pause()
    past = timed(lambda: replay._past.fill(1e9))
    chance = random.Random(0)
    found: list[Took] = []
    for _ in range(seeks):
        replay.seek(chance.uniform(0.0, replay.duration_s))
        found.append(timed(lambda: settle(replay)))
    replay.close()
    for name, at in (("p50", 0.50), ("p99", 0.99)):
        wall_s, cpu_s = (sorted(took[n] for took in found)[int(at * (seeks - 1))] for n in (0, 1))
        told = f"{wall_s * 1e3:.0f} ms ({cpu_s * 1e3:.0f} ms CPU)"
        yield Row(f"any instant, {name} of {seeks}", told, "150 ms", wall_s < 0.15)
    yield Row("the GPUs' past of a replay, beside the play", f"{past.wall_s:.1f} s in slices")
    most_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Row("memory of writing and replaying at most", f"{most_mib:.0f} MiB")


def commands(path: Path) -> Iterator[Row]:
    """Give what the commands take."""
    out = path.with_suffix(".out")
    for what, words, bound_s in (
        ("report", ("report", str(path)), 10.0),
        ("export --to parquet", ("export", str(path), "--to", "parquet", "-o", f"{out}.parquet"), 20.0),
        ("export --to perfetto", ("export", str(path), "--to", "perfetto", "-o", f"{out}.perfetto"), None),
        ("report --format html", ("report", str(path), "--format", "html", "-o", f"{out}.html"), None),
        ("compare with itself", ("compare", str(path), str(path)), None),
    ):
        took = ran(*words)
        told = f"{took.wall_s:.1f} s ({took.cpu_s:.1f} s CPU), {took.memory_mib:.0f} MiB"
        yield Row(what, told, f"{bound_s:g} s" if bound_s else "", took.wall_s < bound_s if bound_s else None)


def main() -> int:
    """Run the benchmark; return 1 where a bound is not kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--seeks", type=int, default=200)
    parser.add_argument("--keep", type=Path, metavar="FILE", help="write the recording here and keep it")
    args = parser.parse_args()
    kept = True
    print(f"{args.hours:g} h at 20 requests/s, eight GPUs, one reading a second")
    with tempfile.TemporaryDirectory() as folder:
        path = args.keep or Path(folder) / "made.rooftop"
        recording = Path(folder) / "link.rooftop"
        found = rows(path, args.hours, args.seeks)
        for row in found:
            kept &= show(row)
        recording.symlink_to(path.absolute())
        for row in commands(recording):
            kept &= show(row)
    return 0 if kept else 1


def show(row: Row) -> bool:
    """Print a row; return whether its bound is kept."""
    verdict = {None: "", True: "kept", False: "NOT KEPT"}[row.kept]
    print(f"{row.what:44} {row.found:32} {row.bound:8} {verdict}".rstrip(), flush=True)
    return row.kept is not False


if __name__ == "__main__":
    sys.exit(main())
