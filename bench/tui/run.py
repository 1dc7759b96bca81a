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
from bench.tui.frames import frames
from bench.tui.load import write_load
from bench.tui.measures import Figures, measure
from bench.tui.peers import PEERS, Absent, fake_nvml, peer
from bench.tui.rows import table, view_table
from bench.tui.stalling import stall
from bench.tui.terminal import COLUMNS, LINES
from tui.views.registry import VIEWS


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
    print(view_table(found["rooftop"], VIEWS), end="\n\n")
    print(f"{COLUMNS}x{LINES}; at work: {args.seconds:g} s of 8 GPUs and 1,024 streams; median of {args.runs} run(s).")
    print(*(f"{what}: {why}" for what, why in failed.items()), sep="\n")


def _ours(args: argparse.Namespace, folder: Path) -> Figures:
    recording, home = folder / "load.rooftop", folder / "home"
    begin_s = write_load(recording, repeats=3 + int((args.seconds + len(VIEWS) * (args.seconds / 2 + 3)) // 10))
    program = ours.rooftop(recording, home, begin_s)
    figures = _medians([_tell("rooftop", lambda: measure(program, args.seconds)) for _ in range(args.runs)])
    figures |= _tell("rooftop, frames", lambda: frames(recording, begin_s))
    parts: dict[str, Callable[[], Figures]] = {
        "rooftop, keys": lambda: ours.keys(program),
        "rooftop, start of a session": lambda: ours.first_live(home, folder),
        "rooftop, key to server": lambda: ours.key_to_server(home, folder),
        "rooftop, stall": lambda: stall(home, folder),
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
    keys = dict.fromkeys(key for run in runs for key in run)
    return {key: statistics.median([v for run in runs if (v := run.get(key)) is not None]) for key in keys}


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
