"""What a screen costs over a thin line, and how quick it is: rooftop, and the monitors beside it.

    python bench/tui/run.py
    python bench/tui/run.py --peers nvitop,gpu-scope,nvhtop-tui --peer-env FOLDER --json

See bench/tui/README.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.tui import ours
from bench.tui.load import write_load
from bench.tui.measures import Figures, measure
from bench.tui.peers import PEERS, Absent, fake_nvml, peer
from bench.tui.terminal import COLUMNS, LINES

ROWS: dict[str, tuple[str, float | None]] = {
    "busy_kb_s": ("sent at work, kB/s", 5.0),
    "idle_kb_s": ("sent at rest, kB/s", 0.0),
    "start_kb": ("sent until the first full frame, kB", 80.0),
    "busy_cpu_pct": ("CPU at work, % of a core", 6.0),
    "idle_cpu_pct": ("CPU at rest, % of a core", 1.0),
    "frame_p50_ms": ("a frame, p50, CPU ms", None),
    "frame_p99_ms": ("a frame, p99, CPU ms", 15.0),
    "memory_mib": ("memory, peak, MiB", 90.0),
    "key_p50_ms": ("key to bytes, p50, ms", None),
    "key_p99_ms": ("key to bytes, p99, ms", 50.0),
    "key_max_ms": ("key to bytes, most, ms", None),
    "key_to_server_max_ms": ("key to changed load at the server, most of 8, ms", 150.0),
    "first_frame_s": ("command to first full frame, s", 0.8),
    "stall_ttft_p99_pct": ("TTFT p99 while the terminal stalls, change in %", 5.0),
    "stall_itl_p99_pct": ("ITL p99 while the terminal stalls, change in %", 5.0),
}
"""Figure, what it is, and the most that rooftop may take."""


def main() -> None:
    """Measure and print."""
    args = _parsed()
    failed: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "home").mkdir()
        found = {"rooftop": _ours(args, folder)}
        for other in args.peers:
            found[other] = _peer(other, args, folder, failed)
    if args.json:
        print(json.dumps({"size": [COLUMNS, LINES], "runs": args.runs, "figures": found, "not_run": failed}, indent=2))
        return
    print(table(found), end="\n\n")
    print(f"{COLUMNS}x{LINES}; at work: {args.seconds:g} s of 8 GPUs and 1,024 streams; median of {args.runs} run(s).")
    print(*(f"{what}: {why}" for what, why in failed.items()), sep="\n")


def _ours(args: argparse.Namespace, folder: Path) -> Figures:
    recording, home = folder / "load.rooftop", folder / "home"
    begin_s = write_load(recording, repeats=3 + int(args.seconds // 10))
    program = ours.rooftop(recording, home, begin_s)
    figures = _medians([_tell("rooftop", lambda: measure(program, args.seconds)) for _ in range(args.runs)])
    figures |= _tell("rooftop, frames", lambda: ours.frames(recording, begin_s))
    parts: dict[str, Callable[[], Figures]] = {
        "rooftop, keys": lambda: ours.keys(program),
        "rooftop, key to server": lambda: ours.key_to_server(home, folder),
        "rooftop, stall": lambda: ours.stall(home, folder),
    }
    for part, act in parts.items():
        if not args.quick:
            figures |= _tell(part, act)
    return figures


def _peer(name: str, args: argparse.Namespace, folder: Path, failed: dict[str, str]) -> Figures:
    try:
        env = args.peer_env or folder / "peers"
        program = peer(name, env, folder / "home", fake_nvml(folder))
        return _medians([_tell(name, lambda: measure(program, args.seconds)) for _ in range(args.runs)])
    except (Absent, OSError) as why:
        failed[name] = str(why)
        return {}


def _tell(what: str, act: Callable[[], Figures]) -> Figures:
    print(f"{what} …", file=sys.stderr, flush=True)
    return act()


def _medians(runs: list[Figures]) -> Figures:
    keys = [key for key in ROWS if any(key in run for run in runs)]
    return {key: statistics.median([v for run in runs if (v := run.get(key)) is not None]) for key in keys}


def table(found: dict[str, Figures]) -> str:
    """Return a table with a row a figure and a column a program; what is beyond its target is marked."""
    lines = [_row("", "target", *found), _row("---", "---:", *["---:"] * len(found))]
    for key, (words, most) in ROWS.items():
        cells = [_cell(figures.get(key), most if name == "rooftop" else None) for name, figures in found.items()]
        lines.append(_row(words, "" if most is None else f"{'' if most == 0 else '< '}{most:g}", *cells))
    return "\n".join(lines)


def _cell(value: float | None, most: float | None) -> str:
    if value is None:
        return "–"
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"**{text}**" if most is not None and value > most else text


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long each is watched at work (default 20)")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="leave out keys, server and stall (2 minutes)")
    parser.add_argument("--peers", type=lambda text: [name for name in text.split(",") if name], default=[],
                        help=f"comma-separated, of {','.join(PEERS)}")  # fmt: skip
    parser.add_argument("--peer-env", type=Path, metavar="FOLDER",
                        help="their virtual environment, made where there is none")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON")
    args = parser.parse_args()
    if unknown := set(args.peers) - set(PEERS):
        parser.error(f"no such peer: {', '.join(sorted(unknown))}")
    return args


if __name__ == "__main__":
    main()
