"""Starts the server and the clients, each on its cores, and counts what a client costs with all it starts."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
TICKS_S = os.sysconf("SC_CLK_TCK")
SAMPLE_S = 0.2
PR_SET_CHILD_SUBREAPER = 36


class ClientFailed(Exception):
    """A client ended badly; the text is its last words."""


@dataclass(slots=True)
class Cost:
    """What a client and its descendants took: CPU is user and system."""

    began_ns: int = 0
    cpu_s: float = 0.0
    memory_mib: float = 0.0
    """Peak of the proportional set size."""
    by_command: dict[str, float] = field(default_factory=dict)
    """CPU seconds by command line, as last seen."""
    others: float = 0.0
    """What other processes took of the cores meanwhile, 0 to 1."""

    def cpu_of(self, part: str) -> float:
        """Return the CPU of the processes whose command line has ``part``."""
        return sum(cpu_s for command, cpu_s in self.by_command.items() if part in command)


def settle_cores(free: Sequence[str], workers: int) -> tuple[list[str], list[str]]:
    """Return the cores of clients and of servers: each worker one, each server one of the rest, as far as they go."""
    if len(free) < 2:
        raise ValueError("the client and the server need a core each")
    clients = list(free[: min(workers, len(free) - 1)])
    return clients, [core for core in free if core not in clients][:workers]


def compile_c(name: str, folder: Path, *more: str) -> Path:
    """Build a C file of this folder."""
    made = folder / name
    subprocess.run(["cc", "-O2", "-o", str(made), str(HERE / f"{name}.c"), *more], check=True)
    return made


@contextlib.contextmanager
def burning(cores: str | None) -> Iterator[None]:
    """Keep a core busy with another process, where one is named."""
    if cores is None:
        yield
        return
    with subprocess.Popen(["taskset", "-c", cores, sys.executable, "-c", "while True: pass"]) as burner:
        try:
            yield
        finally:
            burner.kill()


@contextlib.contextmanager
def servers(program: Path, cores: Sequence[str], port: int, ttft_ms: float, itl_ms: float, logs: Path,
            env: Mapping[str, str]) -> Iterator[dict[int, Path]]:  # fmt: skip
    """Run a server a core on one port; give their processes and logs, which are written on the way out."""
    paths = [logs / f"truth-{core}" for core in cores]
    running = [
        subprocess.Popen(["taskset", "-c", core, str(program), str(port), str(ttft_ms), str(itl_ms), str(path)],
                         env={**os.environ, **env})
        for core, path in zip(cores, paths, strict=True)
    ]  # fmt: skip
    time.sleep(0.3)
    if any(server.poll() is not None for server in running):
        sys.exit(f"no server came up on port {port}")
    try:
        yield {server.pid: path for server, path in zip(running, paths, strict=True)}
    finally:
        for server in running:
            server.terminate()
        for server in running:
            server.wait()


class Neighbours:
    """Watches what others take of some cores: what they take is in the figures too."""

    def __init__(self, cores: Sequence[str], own: Sequence[int]) -> None:
        self._cores, self._own = cores, own
        self._began_s, self._busy_s = time.monotonic(), self._others_s()

    def share(self, cost: Cost) -> float:
        """Return the part of the cores' time, 0 to 1, that was neither a client's nor our own processes'."""
        spent_s = self._others_s() - self._busy_s - cost.cpu_s
        return max(0.0, spent_s / (time.monotonic() - self._began_s) / len(self._cores))

    def _others_s(self) -> float:
        rows = {row[0]: row[1:9] for row in map(str.split, Path("/proc/stat").read_text().splitlines())}
        # user, nice, system, then idle and iowait, irq, softirq, stolen by the hypervisor
        busy = sum(int(n) for core in self._cores for i, n in enumerate(rows[f"cpu{core}"]) if i not in (3, 4))
        return busy / TICKS_S - sum(_cpu_s(pid) or 0.0 for pid in self._own)


def run_client(argv: Sequence[str], env: Mapping[str, str], cores: str, watch_core: str, out: Path,
               limit_s: float) -> Cost:  # fmt: skip
    """Run a client to its end; raise :class:`ClientFailed` with its last words."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    before = set(_tree(os.getpid()))
    with out.open("wb") as said:
        cost = Cost(began_ns=time.monotonic_ns())
        client = subprocess.Popen(["taskset", "-c", cores, *argv], env={**os.environ, **env}, stdout=said,
                                  stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                  start_new_session=True)  # fmt: skip
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(client.pid, cost, over, int(watch_core), limit_s))
    watcher.start()
    _, status, used = os.wait4(client.pid, 0)
    client.returncode = os.waitstatus_to_exitcode(status)
    over.set()
    watcher.join()
    cost.cpu_s = used.ru_utime + used.ru_stime
    while orphans := set(_tree(os.getpid())) - before:
        cost.cpu_s += sum(map(_reap, orphans))
    if client.returncode:
        lines = out.read_text(errors="replace").strip().splitlines() or [f"exit code {client.returncode}"]
        raise ClientFailed(" / ".join(lines[-3:]))
    return cost


def _reap(pid: int) -> float:
    """Wait a while for what a client left behind, then kill it; return its CPU."""
    with contextlib.suppress(ChildProcessError):  # its own parent is still there, and will be waited for
        for _ in range(100):
            found, _, used = os.wait4(pid, os.WNOHANG)
            if found:
                return used.ru_utime + used.ru_stime
            time.sleep(0.1)
        os.kill(pid, signal.SIGKILL)
        _, _, used = os.wait4(pid, 0)
        return used.ru_utime + used.ru_stime
    return 0.0


def _watch(pid: int, cost: Cost, over: threading.Event, core: int, limit_s: float) -> None:
    """Sample the tree's memory and CPU, out of everyone's way: on the server's core, and last in line."""
    os.sched_setaffinity(0, {core})
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
    began, turn = time.monotonic(), 0
    seen: dict[int, tuple[str, float]] = {}
    while not over.wait(SAMPLE_S):
        tree = _tree(pid)
        seen |= {one: (_command(one), cpu_s) for one in tree if (cpu_s := _cpu_s(one)) is not None}
        if turn % 2 == 0:
            cost.memory_mib = max(cost.memory_mib, sum(map(_pss_mib, tree)))
        turn += 1
        if time.monotonic() - began > limit_s:
            os.killpg(pid, signal.SIGKILL)
            break
    for command, cpu_s in seen.values():
        cost.by_command[command] = cost.by_command.get(command, 0.0) + cpu_s


def _tree(root: int) -> list[int]:
    """Return a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(path.read_text().rsplit(")", 1)[1].split()[1])
            children.setdefault(parent, []).append(int(path.parent.name))
    found = [root]
    for pid in found:
        found += children.get(pid, ())
    return found


def _cpu_s(pid: int) -> float | None:
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_S
    return None


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


def _pss_mib(pid: int) -> float:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0
