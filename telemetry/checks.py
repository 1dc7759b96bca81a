"""Looks once at a server and at GPUs, and says what can be seen of them and how to see the rest."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import pynvml

from session.events import Gpu, GpuReading
from telemetry.about import refused
from telemetry.exporter_host import ExporterHost
from telemetry.findings import Finding
from telemetry.gpm import SHORTEST_S
from telemetry.kinds import Read, lacking, read_metrics, why_nothing
from telemetry.local import is_local
from telemetry.nvml import NvmlMissing, NvmlReader
from telemetry.preflight import Preflight
from telemetry.server import ELSEWHERE
from telemetry.sim_gpus import read_simulated
from telemetry.web import Failed, Web, clean

ENABLE = {
    "vLLM": "vLLM shows them unless started with --disable-log-stats",
    "SGLang": "start SGLang with --enable-metrics",
    "llama.cpp": "start llama-server with --metrics",
}
EXPORTER_WAIT_S = 2.5
"""An exporter that samples once a second has something new after this."""
COUNTERS: tuple[tuple[str, str], ...] = (
    ("dram_pct", "DRAM"),
    ("tensor_pct", "tensor"),
    ("graphics_pct", "kernels resident"),
    ("nvlink_tx_bytes_s", "NVLink"),
    ("pcie_tx_bytes_s", "PCIe"),
)


def check_server(found: Preflight, base: str) -> Finding:
    """Say whether a server can be loaded."""
    if found.problem is not None:
        return Finding("server", "problem", found.problem)
    version = f", version {found.version}" if found.version else ""
    simulated = ", SIMULATED" if found.simulated else ""
    length = f", up to {found.max_model_len:,} tokens" if found.max_model_len else ""
    return Finding("server", "ok", f"{base} serves {clean(found.model or '?', 60)}{length}{version}{simulated}")


def check_metrics(url: str, authorization: str | None) -> Iterator[Finding]:
    """Say which server's metrics there are, and what those lack that a verdict needs."""
    try:
        web = Web(url, authorization)
    except Failed as failure:
        yield Finding("metrics", "problem", failure.reason)
        return
    try:
        read, why = _scrape(web)
    except Failed as failure:
        read, why = None, failure.reason
    finally:
        web.close()
    if read is None:
        ways = "; ".join(ENABLE.values())
        yield Finding("metrics", "absent", why, f"without them there is no batch limit; {ways}")
        return
    engines = f", {len(read.engines)} engines" if len(read.engines) > 1 else ""
    size = f", KV cache of {read.kv_cache_tokens:,.0f} tokens" if read.kv_cache_tokens else ""
    yield Finding("metrics", "ok", f"{read.kind.title}{engines}{size}")
    for need in lacking(read.engines):
        yield Finding("  " + need.what, "absent", f"not shown by this {read.kind.title}; serves: {need.serves}")


def check_gpus(url: str, mode: str, *, simulated: bool, nvml: Any = pynvml) -> Iterator[Finding]:
    """Say which GPUs can be read for a server, and which of their counters."""
    if mode == "off":
        yield Finding("GPUs", "absent", "reading GPUs is switched off")
    elif simulated:
        yield from _simulated_gpus(url)
    elif mode == "auto" and not is_local(url):
        way = "run rooftop there, or give --dcgm http://HOST:9400/metrics"
        yield Finding("GPUs", "absent", "the server is on another machine: NVML cannot read its GPUs from here", way)
    else:
        yield from _nvml_gpus(nvml)


def check_exporter(url: str) -> Iterator[Finding]:
    """Say which GPUs an exporter shows, how old they are and which counters it lacks."""
    try:
        host = ExporterHost(url)
    except Failed as failure:
        yield Finding("exporter", "problem", failure.reason)
        return
    try:
        host.scrape(0.0)
        if host.failed is not None or host.kind is None:
            yield Finding("exporter", "problem", host.failed or "no answer")
            return
        time.sleep(EXPORTER_WAIT_S)
        host.scrape(EXPORTER_WAIT_S)
        readings = [GpuReading(index=i, **values) for i, values in enumerate(host.readings().values())]
        gpus = list(host.gpus(0.0).values())
    finally:
        host.close()
    yield Finding("exporter", "ok", f"{host.kind.title} at {host.base}: {names(gpus)}")
    if host.age_s > 0:
        text = f"its figures did not change in {EXPORTER_WAIT_S:.0f} s: it samples more seldom (by default every 30 s)"
        yield Finding("  age", "problem", text, host.way)
    yield from _counters(gpus, readings)


def names(gpus: Sequence[Gpu]) -> str:
    """Return GPUs in words, e.g. ``4 x NVIDIA H200``."""
    kinds = dict.fromkeys(clean(gpu.name, 60) for gpu in gpus)
    return ", ".join(f"{sum(clean(gpu.name, 60) == kind for gpu in gpus)} x {kind}" for kind in kinds)


def _scrape(web: Web) -> tuple[Read | None, str]:
    """Return what a server shows, or why nothing."""
    reply = web.get("/metrics")
    if (reason := refused(reply.status, "/metrics")) is not None:
        return None, reason
    read = read_metrics(reply.text) if reply.status == 200 else None
    if read is None and (other := web.get(ELSEWHERE)).status == 200:
        read = read_metrics(other.text)
    return read, why_nothing(reply.text) if reply.status == 200 else f"/metrics answers {reply.status}"


def _simulated_gpus(url: str) -> Iterator[Finding]:
    try:
        web = Web(url)
        try:
            gpus, sample = read_simulated(web, 0.0)
        finally:
            web.close()
    except Failed as failure:
        yield Finding("GPUs", "problem", failure.reason)
        return
    yield Finding("GPUs", "ok", f"{names(gpus)}, told by the server")
    yield from _counters(gpus, sample.gpus)


def _nvml_gpus(nvml: Any) -> Iterator[Finding]:
    reader = NvmlReader(nvml)
    try:
        gpus = reader.open()
        reader.read(0.0)
        time.sleep(2 * SHORTEST_S)  # counters are averages between two readings
        readings = reader.read(2 * SHORTEST_S).gpus
    except NvmlMissing as missing:
        yield Finding("GPUs", "absent", missing.reason, "for another machine's: --dcgm http://HOST:9400/metrics")
        return
    finally:
        notes = reader.take_notes()
        reader.close()
    yield Finding("GPUs", "ok", f"NVML: {names(gpus)}")
    yield from (Finding("  GPU", "problem", note) for note in notes)
    yield from _counters(gpus, readings)


def _counters(gpus: Sequence[Gpu], readings: Sequence[GpuReading]) -> Iterator[Finding]:
    """Say which counters came, and why others did not."""
    seen = [word for field, word in COUNTERS if any(getattr(reading, field) is not None for reading in readings)]
    why = next((gpu.counters_missing for gpu in gpus if gpu.counters_missing), None)
    if seen:
        yield Finding("  counters", "ok", ", ".join(seen))
    if why is not None:
        yield Finding("  verdict", "absent", why, "without them the step verdict is by arithmetic alone")
