"""What load generators cost and how far their figures are from the truth: ``python bench/loadgen/run.py``.

A server that costs next to nothing (server.c) logs when it sent each token and is the judge. README.md beside this
file tells what is pinned and how it is judged. By hand, on a machine with nothing else to do: it is a benchmark, not
a test.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.loadgen import judging, processes
from bench.loadgen.clients import Client, Load, floor, ours, session
from bench.loadgen.peers import MAKERS, Absent, peer
from bench.loadgen.rows import Row, disturbed, encrypted, judged, shared, whole
from bench.loadgen.tables import medians, ratios, table

NAMES = ("ours", "rooftop", "floor", *MAKERS)
LIMIT_S = 300.0
NEXT_TO_NONE = Load(streams=1, requests=1, tokens=2, hold_s=1.0)


class Bench:
    """One setting: a server, cores, and runs of any client against it."""

    def __init__(self, args: argparse.Namespace, folder: Path) -> None:
        self._args = args
        self._folder = folder
        self._count = 0
        self._env: dict[str, str] = {}
        self._program = self._build()

    def _build(self) -> Path:
        if not self._args.tls:
            return processes.compile_c("server", self._folder)
        key, cert, both = (self._folder / name for name in ("key.pem", "cert.pem", "both.pem"))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
             "-keyout", str(key), "-out", str(cert), "-subj", "/CN=localhost",
             "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"],
            check=True, capture_output=True,
        )  # fmt: skip
        both.write_text(cert.read_text() + key.read_text())
        self._env = {"BENCH_PEM": str(both), "SSL_CERT_FILE": str(cert)}
        return processes.compile_c("server", self._folder, "-DTLS", "-lssl", "-lcrypto")

    def start(self, row: Row) -> None:
        """Measure what the client's start costs, by as good as no load."""
        starts = [self._pair(row.client, NEXT_TO_NONE)[0] for _ in range(self._args.runs)]
        row.start_cpu_s = statistics.median(cost.cpu_s for cost in starts)
        row.start_parts = {
            part: statistics.median(cost.cpu_of(piece) for cost in starts) for part, piece in row.client.parts.items()
        }

    def measure(self, row: Row, load: Load) -> None:
        """Add a run to a row."""
        cost, truth, account = self._pair(row.client, load)
        verdict = judging.judge(truth, account)
        if row.client.strict and verdict.unlike:
            sys.exit(f"{row.client.name} counted the tokens of {verdict.unlike} requests otherwise than the server")
        row.matched, row.unlike = verdict.matched, row.unlike + verdict.unlike
        million = judging.chunks(truth) / 1e6
        its = {name: truth[name] for told in account.requests if (name := told.name)} if verdict.matched else truth
        row.runs.append({
            "cpu_s_per_million": (cost.cpu_s - row.start_cpu_s) / million,
            "chunks_per_s": judging.chunks_per_s(its),
            "memory_mib": cost.memory_mib,
            "first_request_s": (judging.first_ns(truth) - cost.began_ns) / 1e9,
            **verdict.errors,
        })  # fmt: skip
        parts = {p: (cost.cpu_of(piece) - row.start_parts[p]) / million for p, piece in row.client.parts.items()}
        row.extra.append({**judging.spread_errors(truth, account), **parts, "others": cost.others})

    def _pair(self, client: Client, load: Load) -> tuple[processes.Cost, dict[str, list[int]], judging.Account]:
        """Run a client against fresh servers."""
        self._count += 1
        folder = self._folder / f"run-{self._count}"
        folder.mkdir()
        args, port = self._args, 18811 + self._count % 100
        url = f"{'https' if args.tls else 'http'}://127.0.0.1:{port}"
        with ExitStack() as stack:
            stack.enter_context(processes.burning(args.client_cores[0] if args.burn else None))
            logs = stack.enter_context(
                processes.servers(self._program, args.server_cores, port, args.ttft, args.itl, folder, self._env)
            )
            told = folder / "of-client"
            told.mkdir()
            neighbours = processes.Neighbours([*args.client_cores, *args.server_cores], list(logs))
            cost = processes.run_client(
                client.argv(load, url, told), {**client.env, **self._env}, ",".join(args.client_cores),
                args.server_cores[0], folder / "said", LIMIT_S,
            )  # fmt: skip
            cost.others = neighbours.share(cost)
        truth = {name: row for log in logs.values() for name, row in judging.read_log(log).items() if len(row) > 1}
        return cost, truth, client.read(told)


def chosen(args: argparse.Namespace, folder: Path) -> Iterator[Client]:
    """Give the clients that were asked for and are there; say which are not."""
    envs = dict(pair.split("=", 1) for pair in args.peer_env)
    for name in args.clients:
        if name in MAKERS:
            try:
                client = peer(name, Path(envs[name]).expanduser() if name in envs else None, folder / "tokenizer")
            except Absent as absent:
                print(absent, file=sys.stderr)
                continue
        else:
            client = ours() if name == "ours" else floor(folder) if name == "floor" else session(1)
        if args.tls and not client.tls:
            print(f"{client.name} is skipped: with --tls only rooftop is measured", file=sys.stderr)
            continue
        yield client
        if name == "rooftop" and args.workers > 1:
            yield session(args.workers)


def parsed() -> argparse.Namespace:
    """Return the flags, with the cores settled."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=lambda text: text.split(","), default=["ours", "rooftop", "floor"],
                        help=f"comma-separated, of {','.join(NAMES)} (default ours,rooftop,floor)")  # fmt: skip
    parser.add_argument("--peer-env", action="append", default=[], metavar="NAME=PATH", help="a peer's environment")
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3, help="requests a stream")
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--ttft", type=float, default=50.0, help="ms")
    parser.add_argument("--itl", type=float, default=20.0, help="ms; 0: as fast as the socket takes them")
    parser.add_argument("--hold", type=float, help="seconds; for rooftop run (default: what the rounds take)")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1, help="measure rooftop run with so many workers too")
    parser.add_argument("--tls", action="store_true", help="the server speaks TLS")
    parser.add_argument("--burn", action="store_true", help="another process burns the client's core")
    parser.add_argument(
        "--server-cores", type=lambda text: text.split(","), help="one server each, e.g. 1 or 2,3; say both or none"
    )
    parser.add_argument("--client-cores", type=lambda text: text.split(","), help="e.g. 0 or 0,1")
    args = parser.parse_args()
    if unknown := set(args.clients) - set(NAMES):
        parser.error(f"no such client: {', '.join(sorted(unknown))}")
    try:
        clients, servers = processes.settle_cores([str(core) for core in sorted(os.sched_getaffinity(0))], args.workers)
    except ValueError as error:
        parser.error(str(error))
    args.client_cores, args.server_cores = args.client_cores or clients, args.server_cores or servers
    return args


def load_of(args: argparse.Namespace) -> Load:
    """Return the load; a client that takes a time stops in the middle of the last round, and lets it end."""
    round_s = (args.ttft + (args.tokens - 1) * args.itl) / 1e3
    hold_s = args.hold or ((args.rounds - 0.5) * round_s if args.itl else 5.0)
    return Load(args.streams, args.streams * args.rounds, args.tokens, hold_s)


def measured(args: argparse.Namespace) -> list[Row]:
    """Run every client; one that fails is told and left out."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(args, Path(name))
        for client in chosen(args, Path(name)):
            row = Row(client)
            print(f"{client.name} …", file=sys.stderr, flush=True)
            try:
                bench.start(row)
                for _ in range(args.runs):
                    bench.measure(row, load_of(args))
            except (processes.ClientFailed, OSError, LookupError, ValueError) as failed:
                print(f"{client.name} failed: {failed}", file=sys.stderr)
            else:
                rows.append(row)
    return rows


def notes(args: argparse.Namespace, rows: list[Row]) -> list[str]:
    """Return the lines beneath the table."""
    named = {row.client.name: row for row in rows}
    mine, one, more = (named.get(client.name) for client in (ours(), session(1), session(args.workers)))
    burned = ", which another process burns" if args.burn else ""
    setting = (
        f"- {args.streams:,} streams, {args.rounds} requests each, {args.tokens} tokens, {args.itl:g} ms between them"
        f"{', TLS' if args.tls else ''}; clients on core {','.join(args.client_cores)}{burned}, servers on core "
        f"{','.join(args.server_cores)}; median of {args.runs} run(s)."
    )
    lines = [setting, *([] if args.burn else disturbed(rows)), *judged(rows), *whole(mine, one)]
    if args.tls:
        lines += encrypted(rows)
    if args.workers > 1:
        lines += shared(one, more, args.workers, len(args.client_cores), len(args.server_cores))
    return lines


def main() -> None:
    """Measure and print."""
    args = parsed()
    rows = measured(args)
    figures = {row.client.name: medians(row.runs) for row in rows}
    print(table(figures), end="\n\n")
    if shown := ratios(figures, ours().name):
        print(shown, end="\n\n")
    print("\n".join(notes(args, rows)))


if __name__ == "__main__":
    main()
