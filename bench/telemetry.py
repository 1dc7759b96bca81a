"""What telemetry costs, run by hand: ``python bench/telemetry.py [SECONDS]``.

First the share of one core that sampling takes: eight made-up GPUs that block for 6 ms each and have every counter,
18 NVLinks among them, and three servers with 50 kB of metrics each, all once a second. The servers run in processes
of their own and are not counted; the made-up driver is Python and is. With GPM the links are GPM's; without it (before
Hopper) they are read one by one.
Then the time to read one of those scrapes, against ``prometheus_client`` where that is installed.
"""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from session.events import Event, GpuSample, Metrics
from telemetry.gpus import GpuProbe
from telemetry.kinds import read_metrics
from telemetry.server import ServerProbe
from tests.telemetry.fake_nvml import FakeGpu, FakeNvml
from tests.telemetry.http_server import Answer, running, vllm_site

DUMP = Path(__file__).parents[1] / "tests" / "data" / "metrics" / "vllm-0.25.1.txt"
GPUS, SERVERS, GPU_BLOCKS_S = 8, 3, 0.006


def serve(pipe: Connection) -> None:
    """Serve the dump until told to stop."""
    site = vllm_site()
    site.answers["/metrics"] = Answer(DUMP.read_bytes())
    with running(site):
        pipe.send(site.url)
        pipe.recv()


@contextlib.contextmanager
def servers() -> Iterator[list[str]]:
    spawn = multiprocessing.get_context("spawn")
    pipes, processes = [], []
    for _ in range(SERVERS):
        ours, theirs = spawn.Pipe()
        process = spawn.Process(target=serve, args=(theirs,))
        process.start()
        pipes.append(ours)
        processes.append(process)
    try:
        yield [pipe.recv() for pipe in pipes]
    finally:
        for pipe, process in zip(pipes, processes, strict=True):
            pipe.send(None)
            process.join()


def gpu(*, gpm: bool) -> FakeGpu:
    links = {(field, link): 1 << 40 for field in (138, 139) for link in range(18)}
    others = {(field, 0): 1 << 40 for field in (4, 74, 75, 76, 77, 78, 82, 142, 143, 144, 145, 197, 198, 269, 270, 271)}
    return FakeGpu(gpm=gpm, read_takes_s=GPU_BLOCKS_S, fields={(91, 0): 18, **links, **others})


def sampling(seconds: float, *, gpm: bool) -> None:
    events: list[Event] = []
    nvml = FakeNvml(*(gpu(gpm=gpm) for _ in range(GPUS)))
    with servers() as urls:
        probes: list[ServerProbe | GpuProbe] = [ServerProbe(url, events.append, time.monotonic) for url in urls]
        probes.append(GpuProbe(urls[0], events.append, time.monotonic, mode="local", nvml=nvml))
        for probe in probes:
            probe.start()
        time.sleep(2.0)
        events.clear()
        wall, cpu = time.perf_counter(), time.process_time()
        time.sleep(seconds)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        for probe in probes:
            probe.stop()
    rounds = [e for e in events if isinstance(e, GpuSample)]
    scrapes = sum(isinstance(e, Metrics) for e in events)
    took = sum(e.took_s or 0.0 for e in rounds) / max(1, len(rounds))
    what = "with GPM" if gpm else "without GPM"
    print(
        f"sampling {GPUS} GPUs {what} and {SERVERS} servers at 1 Hz: "
        f"{100 * cpu / wall:.2f} % of a core over {wall:.0f} s"
    )
    print(f"  {len(rounds)} GPU rounds of {1e3 * took:.1f} ms wall each, {scrapes} scrapes")


def best_ms(call: Callable[[], object]) -> float:
    times = []
    for _ in range(30):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1e3 * min(times)


def parsing() -> None:
    text = DUMP.read_text(encoding="utf-8")
    ours = best_ms(lambda: read_metrics(text))
    print(f"reading {len(text) / 1e3:.0f} kB of metrics: {ours:.2f} ms (best of 30)")
    try:
        library = importlib.import_module("prometheus_client.parser").text_string_to_metric_families
    except ImportError:
        print("  prometheus_client is not installed: nothing to compare with")
        return
    theirs = best_ms(lambda: list(library(text)))
    print(f"  prometheus_client's parser: {theirs:.2f} ms, {theirs / ours:.0f} times as long")


if __name__ == "__main__":
    for with_gpm in (True, False):
        sampling(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0, gpm=with_gpm)
    parsing()
