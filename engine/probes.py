"""What samples the server and the GPUs, loaded beside the load workers' own start and not before it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.wire import Open
from session.events import Event, Server

if TYPE_CHECKING:
    from telemetry.probe import Probe


class Probes:
    """The probes of one session; ``emit`` is called in their threads."""

    def __init__(self, order: Open, url: str, emit: Callable[[Event], None], now_s: Callable[[], float]) -> None:
        self._order = order
        self._url = url
        self._emit = emit
        self._now_s = now_s
        self._server: Probe | None = None
        self._gpus: Probe | None = None

    def start(self) -> None:
        """Load and start them, for which a fifth of a second may pass."""
        from telemetry.exporter_probe import ExporterProbe
        from telemetry.gpus import GpuProbe
        from telemetry.server import ServerProbe

        order = self._order
        self._server = ServerProbe(
            self._url, self._from_server, self._now_s, authorization=order.authorization, model=order.model
        )
        self._server.start()
        self._gpus = (
            ExporterProbe(order.exporters, self._emit, self._now_s)
            if order.exporters
            else GpuProbe(self._url, self._emit, self._now_s, mode=order.gpus, authorization=order.authorization)
        )
        self._gpus.start()

    def _from_server(self, event: Event) -> None:
        """Take an event of the server's probe, in the probe's thread, which may wait for a disk."""
        from telemetry.shapes import find_model

        self._emit(event)
        if isinstance(event, Server):
            order = self._order
            self._emit(find_model(event, os.environ, given=order.shape, table_name=order.model_shape))

    def nudge(self) -> None:
        """Sample the server now: the load has just changed."""
        if self._server is not None:
            self._server.nudge()

    def stop(self) -> None:
        """End them, and wait for them."""
        for probe in (self._server, self._gpus):
            if probe is not None:
                probe.stop()
