"""The GPUs that rooftop's simulated server pretends to have, told over HTTP in NVML's units."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from session.codec import decode
from session.events import Gpu, GpuReading, GpuSample
from telemetry.about import read_json
from telemetry.web import Failed, Web, clean

PATH = "/sim/gpus"
MOST = 64
"""GPUs read from one answer."""


def read_simulated(web: Web, t_s: float) -> tuple[list[Gpu], GpuSample]:
    """Ask the simulated server for its GPUs; raise :class:`Failed` where it shows none."""
    reply = web.get(PATH)
    data = read_json(reply) if reply.status == 200 else None
    entries = data.get("gpus") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise Failed(f"the simulated server shows no GPUs: {PATH} answers {reply.status}")
    known = list(_entries(entries[:MOST]))
    gpus = [gpu for entry in known if (gpu := _gpu(entry, t_s)) is not None]
    readings = [reading for entry in known if (reading := _reading(entry)) is not None]
    if not readings:
        raise Failed(f"the simulated server shows no GPU that can be read in {PATH}")
    return gpus, GpuSample(t_s=t_s, gpus=readings, took_s=reply.read_s)


def _entries(entries: list[Any]) -> Iterator[dict[str, Any]]:
    for entry in entries:
        if isinstance(entry, dict):
            yield {key: clean(value) if isinstance(value, str) else value for key, value in entry.items()}


def _gpu(entry: dict[str, Any], t_s: float) -> Gpu | None:
    event = decode(json.dumps({"counters": True, "source": "simulated", **entry, "type": "gpu", "t_s": t_s}).encode())
    return event if isinstance(event, Gpu) else None


def _reading(entry: dict[str, Any]) -> GpuReading | None:
    """Check one GPU's values with the recording's own decoder: a bad one drops that GPU, not the others."""
    event = decode(json.dumps({"type": "gpus", "t_s": 0.0, "gpus": [entry]}).encode())
    return event.gpus[0] if isinstance(event, GpuSample) else None
