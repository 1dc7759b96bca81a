"""What a long recording costs, run by hand: ``python bench/sessions.py [--hours 8] [--keep FILE]``.

Makes a session (bench/made_session.py), writes it as the engine would, and prints what an hour takes on disk, the
share of one core that writing takes, and how long opening does.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.made_session import made_header, made_session
from session.codec import encode
from session.index import Index
from session.recording import Writer
from session.saving import Saver


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


def open_s(path: Path) -> float:
    """Return the time until every stretch of a recording can be read, in seconds."""
    begun_s = time.perf_counter()
    Index.open(path).close()
    return time.perf_counter() - begun_s


def without_links(path: Path, to: Path) -> Path:
    """Copy a recording with a link in its middle damaged, so that all frames have to be gone through."""
    data = bytearray(path.read_bytes())
    data[data.index(b"\xf5RTFL", len(data) // 2) + 60] ^= 1
    to.write_bytes(data)
    return to


def figures(path: Path, hours: float) -> None:
    """Print what the recording format costs."""
    spent_s = write(path, hours)
    size = path.stat().st_size
    print(f"hours {hours:g}: {size / 1e6:.1f} MB, {size / 1e6 / hours:.2f} MB/h")
    print(f"encoding, folding and writing: {spent_s / (hours * 3600):.3%} of a core")
    print(f"opening: {min(open_s(path) for _ in range(5)) * 1e3:.1f} ms")
    damaged = without_links(path, path.with_suffix(".damaged"))
    print(f"opening with a link damaged: {min(open_s(damaged) for _ in range(3)) * 1e3:.0f} ms")
    damaged.unlink()


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--keep", type=Path, metavar="FILE", help="write the recording here and keep it")
    args = parser.parse_args()
    if args.keep is not None:
        figures(args.keep, args.hours)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        figures(Path(folder) / "made.rooftop", args.hours)
    return 0


if __name__ == "__main__":
    sys.exit(main())
