"""How soon a recording is on the screen, by hand: ``python bench/session_seeks.py FILE [--seeks 200]``.

``bench/sessions.py --keep FILE`` makes one. Times are of the wall and of the processor: on a busy machine they differ.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from session.playback import ReplaySession, fold_file
from session.report import report


def timed(do: Callable[[], object]) -> tuple[float, float]:
    """Return the wall's and the processor's seconds that something took."""
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    do()
    return time.perf_counter() - wall_s, time.process_time() - cpu_s


def settle(replay: ReplaySession) -> None:
    """Refresh until the picture is that of the position."""
    while replay.refresh().reading is not None:
        pass


def memory_mib() -> float:
    """Return the most that this process has held in memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def seek(replay: ReplaySession, t_s: float) -> None:
    """Show an instant."""
    replay.seek(t_s)
    settle(replay)


def say(what: str, took: list[tuple[float, float]]) -> None:
    """Print the median and the 99th percentile, in ms."""
    for kind, times in (("wall", sorted(w for w, _ in took)), ("CPU", sorted(c for _, c in took))):
        p50, p99 = times[len(times) // 2], times[int(0.99 * (len(times) - 1))]
        print(f"{what}, {kind}: p50 {p50 * 1e3:.0f} ms, p99 {p99 * 1e3:.0f} ms")


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--seeks", type=int, default=200)
    args = parser.parse_args()
    before_mib = memory_mib()
    opened: list[ReplaySession] = []
    say("opening", [timed(lambda: opened.append(ReplaySession(args.file)))])
    (replay,) = opened
    replay.play_pause()
    say("all read", [timed(lambda: settle(replay))])
    chance = random.Random(0)
    instants = [chance.uniform(0.0, replay.duration_s) for _ in range(args.seeks)]
    say("any instant", [timed(lambda t_s=t_s: seek(replay, t_s)) for t_s in instants])  # type: ignore[misc]
    print(f"memory: {before_mib:.0f} MiB before, {memory_mib():.0f} MiB at most")
    say("report from all events", [timed(lambda: report(fold_file(args.file).snapshot()))])
    print(f"memory: {memory_mib():.0f} MiB at most")
    return 0


if __name__ == "__main__":
    sys.exit(main())
