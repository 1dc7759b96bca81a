"""GPUs of one or several machines through their exporters, once a second, in threads of their own."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import msgspec

from session.events import Gpu, GpuReading, GpuSample
from telemetry.exporter_host import ExporterHost
from telemetry.exporters import Key
from telemetry.introductions import Introductions
from telemetry.probe import Probe
from telemetry.sources import Clock, Emit
from telemetry.web import TIMEOUT_S, Failed


class ExporterProbe(Probe):
    """Reads exporters and hands events to ``emit``, as one list of GPUs; nothing here raises into the owner."""

    def __init__(self, urls: Sequence[str], emit: Emit, clock: Clock, *, interval_s: float = 1.0) -> None:
        super().__init__("exporter-probe", interval_s, emit, clock)
        self._urls = tuple(urls)
        self._hosts: list[ExporterHost] | None = None
        self._introductions = Introductions(self._emit)
        self._indices: dict[tuple[int, Key], int] = {}
        self._named: dict[int, Gpu] = {}

    def _tick(self) -> None:
        try:
            if self._hosts is None:
                self._hosts = [ExporterHost(url) for url in self._urls]
            start_s = self._clock()
            self._scrape(self._hosts, start_s)
            self._deliver(self._hosts, start_s)
        except Failed as failure:
            self._sources.missing("gpus", failure.reason)
        except Exception as error:  # noqa: BLE001 - a dead thread would be a silent gap; say it and go on
            self._sources.missing("gpus", f"reading exporters failed: {type(error).__name__} (a bug in rooftop)")

    def _scrape(self, hosts: list[ExporterHost], t_s: float) -> None:
        """Read all at the same time, so that one that hangs does not make the others late."""
        if len(hosts) == 1:
            hosts[0].scrape(t_s)
            return
        threads = [threading.Thread(target=host.scrape, args=(t_s,), daemon=True) for host in hosts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(2 * TIMEOUT_S + 1.0)

    def _deliver(self, hosts: list[ExporterHost], t_s: float) -> None:
        readings: list[GpuReading] = []
        for number, host in enumerate(hosts):
            gpus = host.gpus(t_s)
            for key, values in host.readings().items():
                index = self._indices.setdefault((number, key), len(self._indices))
                self._introductions.introduce([self._named_as(index, gpus[key])])
                readings.append(GpuReading(index=index, **values))
        troubles = [trouble for host in hosts if (trouble := host.failed or host.warning())]
        if all(host.failed for host in hosts):
            self._sources.missing("gpus", troubles[0])
        else:
            self._sources.ok("gpus", troubles[0] if troubles else None)
        if readings:
            readings.sort(key=lambda reading: reading.index)
            self._emit(GpuSample(t_s=t_s, gpus=readings, took_s=self._clock() - t_s))

    def _named_as(self, index: int, gpu: Gpu) -> Gpu:
        """Number a GPU; what it once showed it can, so that a counter missing for a moment is no news."""
        before = self._named.get(index)
        if before is not None and before.counters and not gpu.counters:
            return before
        self._named[index] = msgspec.structs.replace(gpu, index=index)
        return self._named[index]

    def _close(self) -> None:
        for host in self._hosts or []:
            host.close()
