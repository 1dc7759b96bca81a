"""How far the load generator's figures are from the truth, and what it costs: ``python bench/loadgen/run.py``.

A server that costs next to nothing (server.c, built here with cc) logs when it sent each token and is the judge;
it runs on one core, the client on another. Every figure is the median of ``--runs`` runs. By hand, on a machine with
nothing else to do: it is a benchmark, not a test.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FIGURES = ("cpu_s_per_million", "chunks_per_s", "ttft_p50_ms", "ttft_p99_ms", "itl_p99_ms", "tpot_p99_ms", "rss_mib")


def read(path: Path) -> dict[str, list[int]]:
    """Return a log's rows by name: a start and the times of the tokens, in nanoseconds."""
    return {row[0]: [int(x) for x in row[1:]] for row in map(str.split, path.read_text().splitlines())}


def quantile(values: list[float], q: float) -> float:
    """Return a quantile, by nearest rank."""
    return sorted(values)[int(q * (len(values) - 1))]


def judge(truth: dict[str, list[int]], told: dict[str, list[int]]) -> dict[str, float]:
    """Return the errors of what a client told, in milliseconds; every token must be there."""
    ttft: list[float] = []
    itl: list[float] = []
    tpot: list[float] = []
    for name, (start, *got) in told.items():
        received, *sent = truth[name]
        assert len(got) == len(sent), f"{name}: {len(got)} tokens counted of {len(sent)}"
        ttft.append(abs((got[0] - start) - (sent[0] - received)) / 1e6)
        itl += [abs((b - a) - (d - c)) / 1e6 for a, b, c, d in zip(got, got[1:], sent, sent[1:], strict=False)]
        tpot.append(abs((got[-1] - got[0]) - (sent[-1] - sent[0])) / max(1, len(got) - 1) / 1e6)
    return {
        "ttft_p50_ms": quantile(ttft, 0.5),
        "ttft_p99_ms": quantile(ttft, 0.99),
        "itl_p99_ms": quantile(itl, 0.99),
        "tpot_p99_ms": quantile(tpot, 0.99),
    }


def once(args: argparse.Namespace, folder: Path, burn: bool) -> dict[str, float]:
    """Run one pair of server and client."""
    port, truth, told = 18811, folder / "truth", folder / "told"
    server = subprocess.Popen(
        ["taskset", "-c", "1", str(folder / "server"), str(port), str(args.ttft), str(args.itl), str(truth)]
    )
    burner = subprocess.Popen(["taskset", "-c", "0", sys.executable, "-c", "while True: pass"]) if burn else None
    time.sleep(0.3)
    client = subprocess.run(
        ["taskset", "-c", "0", sys.executable, str(HERE / "ours.py"), f"http://127.0.0.1:{port}",
         str(args.streams), str(args.streams * args.rounds), str(args.tokens), str(told)],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    if burner:
        burner.kill()
        burner.wait()
    server.terminate()
    server.wait()
    cost = json.loads(client.stdout)
    return judge(read(truth), read(told)) | {
        "cpu_s_per_million": cost["cpu_s"] / cost["chunks"] * 1e6,
        "chunks_per_s": cost["chunks"] / cost["wall_s"],
        "rss_mib": cost["rss_mib"],
    }


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3, help="requests a stream")
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--ttft", type=float, default=50.0, help="ms")
    parser.add_argument("--itl", type=float, default=20.0, help="ms; 0: as fast as the socket takes them")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--burn", action="store_true", help="another process burns the client's core")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run(["cc", "-O2", "-o", str(folder / "server"), str(HERE / "server.c")], check=True)
        runs = [once(args, folder, args.burn) for _ in range(args.runs)]
    print(f"{args.streams} streams, {args.itl:g} ms between tokens, median of {args.runs} runs")
    for figure in FIGURES:
        print(f"  {figure:20} {statistics.median(run[figure] for run in runs):12.4g}")


if __name__ == "__main__":
    main()
