"""The GPUs under the server, sampled once a second in a thread of their own.

One round over eight GPUs blocks for 50 ms: it must never share a thread with anything that keeps time.
"""

from __future__ import annotations

from typing import Any, Literal

import pynvml

from session.events import GpuSample, Log
from telemetry.introductions import Introductions
from telemetry.local import is_local
from telemetry.nvml import NvmlMissing, NvmlReader
from telemetry.probe import Probe
from telemetry.sim_gpus import read_simulated
from telemetry.sources import Clock, Emit
from telemetry.web import Failed, Web, clean

__all__ = ["GpuProbe", "Mode", "is_local"]

Mode = Literal["auto", "local", "off"]
"""``auto``: a simulated server's GPUs, or this machine's where the server runs on it. ``local``: this
machine's, wherever the server is. ``off``: none."""


class GpuProbe(Probe):
    """Reads GPUs in a thread of its own and hands events to ``emit``, from that thread.

    Nothing here raises into the owner: what fails becomes a ``Source`` event with a line for the user.
    """

    def __init__(
        self,
        base_url: str,
        emit: Emit,
        clock: Clock,
        *,
        mode: Mode = "auto",
        authorization: str | None = None,
        interval_s: float = 1.0,
        nvml: Any = pynvml,
    ) -> None:
        super().__init__("gpu-probe", interval_s, emit, clock)
        self._url, self._authorization, self._mode = base_url, authorization, mode
        self._nvml = nvml
        self._reader: NvmlReader | None = None
        self._web: Web | None = None
        self._simulated: bool | None = False if mode == "local" else None
        """``None`` until the server has answered once."""
        self._settled: str | None = None
        """Why there is nothing to read, once that is certain."""
        self._introductions = Introductions(self._emit)

    def _tick(self) -> None:
        try:
            if self._mode == "off":
                self._sources.missing("gpus", "reading GPUs is switched off")
                return
            if self._simulated is None:
                self._simulated = self._ask()
            if self._simulated:
                self._read_simulated()
            else:
                self._read_nvml()
        except (Failed, NvmlMissing) as failure:
            self._sources.missing("gpus", failure.reason)
        except Exception as error:  # noqa: BLE001 - a dead thread would be a silent gap; say it and go on
            self._sources.missing("gpus", f"reading GPUs failed: {type(error).__name__} (a bug in rooftop)")

    def _ask(self) -> bool | None:
        """Ask the server whether it is simulated; ``None`` while it does not answer."""
        try:
            return self._server().get("/version").simulated
        except Failed:
            return None

    def _server(self) -> Web:
        if self._web is None:
            self._web = Web(self._url, self._authorization)
        return self._web

    def _read_simulated(self) -> None:
        gpus, sample = read_simulated(self._server(), self._clock())
        self._introductions.introduce(gpus)
        self._deliver(sample)

    def _read_nvml(self) -> None:
        if self._settled is not None:
            return
        if self._reader is None:
            self._open()
        reader = self._reader
        if reader is None:
            return
        sample = reader.read(self._clock())
        for note in reader.take_notes():
            self._emit(Log(t_s=self._clock(), severity="warning", text=note))
        if reader.all_lost():
            raise NvmlMissing("every GPU is lost (fell off the bus): the machine needs a reboot")
        self._deliver(sample)

    def _open(self) -> None:
        """Find the GPUs; what fails here would fail every second, so it is tried once."""
        if self._mode == "auto" and not is_local(self._url):
            host = clean(self._server().host, 60)
            self._settled = (
                f"the server is on another machine ({host}): its GPUs cannot be read from here; run rooftop there"
            )
            raise Failed(self._settled)
        reader = NvmlReader(self._nvml)
        try:
            gpus = reader.open(self._clock())
        except NvmlMissing as missing:
            self._settled = missing.reason
            raise
        self._reader = reader
        self._introductions.introduce(gpus)

    def _deliver(self, sample: GpuSample) -> None:
        self._sources.ok("gpus")
        self._emit(sample)

    def _close(self) -> None:
        if self._reader is not None:
            self._reader.close()
        if self._web is not None:
            self._web.close()
