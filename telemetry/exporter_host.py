"""One exporter over HTTP: its GPUs, how old their figures are, and why there are none."""

from __future__ import annotations

from typing import Any

from session.events import Gpu, GpuReading
from telemetry.exporters import WHOLE, Exporter, Key, Seen, missing_counters, read_exporter
from telemetry.rates import Rates
from telemetry.web import Failed, Web

STALE_S = 5.0
"""A verdict is not judged from figures older than this."""


class ExporterHost:
    """Reads one exporter. Use it from one thread at a time; close it.

    Exporters repeat their last sample until they take the next one, by default after 30 s, and give it no time. The
    age of a sample is counted from the first scrape that had it.
    """

    def __init__(self, url: str) -> None:
        """Prepare; raise :class:`Failed` where the URL cannot be used."""
        self._web = Web(url.rstrip("/").removesuffix("/metrics"))
        self._rates = Rates()
        self._last: dict[Key, dict[str, float]] = {}
        self._fresh_s: float | None = None
        self._found: dict[Key, tuple[Seen, dict[str, Any]]] = {}
        self.kind: Exporter | None = None
        """Which exporter it is, once it has answered."""
        self.failed: str | None = None
        """Why the last scrape gave nothing."""
        self.age_s = 0.0
        """How old the figures are, at least."""

    @property
    def base(self) -> str:
        """The address without credentials."""
        return self._web.base

    @property
    def way(self) -> str:
        """How to get younger figures."""
        dcgm = self.kind is not None and self.kind.source == "dcgm"
        return "start the exporter with -c 1000" if dcgm else "shorten the exporter's interval"

    def scrape(self, t_s: float) -> None:
        """Read once; never raises, ``failed`` tells."""
        try:
            reply = self._web.get("/metrics")
            if reply.status != 200:
                raise Failed(f"{self.base}/metrics answers {reply.status}: is this a GPU exporter?")
            kind, seen = read_exporter(reply.text)
            if kind is None:
                raise Failed(f"{self.base}/metrics shows no GPU: it is neither a DCGM nor an AMD exporter's")
        except Failed as failure:
            self.failed = failure.reason
            return
        self.failed, self.kind = None, kind
        self._take(t_s, seen)

    def warning(self) -> str | None:
        """Say what is wrong with an exporter that answers."""
        if self.failed is not None or self.age_s <= STALE_S or self.kind is None:
            return None
        return f"figures over {STALE_S:.0f} s old: {self.way} ({self.base.partition('://')[2]})"

    def gpus(self, t_s: float) -> dict[Key, Gpu]:
        """Return the GPUs without their final index."""
        return {key: _gpu(t_s, self.kind, seen) for key, (seen, _) in self._found.items() if self.kind}

    def readings(self) -> dict[Key, dict[str, Any]]:
        """Return the fields of each GPU's reading."""
        if self.failed is not None:
            return {key: {"missing": self.failed} for key in self._found}
        age = {"age_s": round(self.age_s, 3)} if self.age_s > 0 else {}
        return {key: {**values, **age} for key, (_, values) in self._found.items()}

    def close(self) -> None:
        """Close the connection."""
        self._web.close()

    def _take(self, t_s: float, seen: dict[Key, Seen]) -> None:
        values = {key: gpu.values for key, gpu in seen.items()}
        if values == self._last and self._fresh_s is not None:
            self.age_s = t_s - self._fresh_s
            return
        self._last, self._fresh_s, self.age_s = values, t_s, 0.0
        # Known ones stay in the list: a GPU that an exporter stops showing is missing, not gone.
        gone = {key: (gpu, {"missing": f"{self.base} no longer shows it"}) for key, (gpu, _) in self._found.items()}
        self._found = gone | {key: (gpu, self._reading(t_s, key, gpu)) for key, gpu in seen.items()}

    def _reading(self, t_s: float, key: Key, gpu: Seen) -> dict[str, Any]:
        known = {name: value for name, value in gpu.values.items() if name in GpuReading.__struct_fields__}
        fields: dict[str, Any] = {name: int(value) if name in WHOLE else value for name, value in known.items()}
        fields["power_mean_w"] = self._rates.per_s(key, t_s, gpu.values.get("energy_j"))
        return fields


def _gpu(t_s: float, kind: Exporter, seen: Seen) -> Gpu:
    values = seen.values
    missing = missing_counters(kind, values)
    total = values.get("memory_total_bytes")
    if total is None and {"memory_used_bytes", "memory_free_bytes"} <= values.keys():
        total = values["memory_used_bytes"] + values["memory_free_bytes"]
    return Gpu(
        t_s=t_s,
        index=0,
        name=seen.name,
        uuid=seen.uuid,
        memory_total_bytes=None if total is None else int(total),
        power_limit_w=values.get("power_limit_w"),
        counters=missing is None,
        counters_missing=missing,
        source=kind.source,
        host=seen.host,
        instance=seen.instance,
    )
