"""The first line of a session's recording."""

from __future__ import annotations

import platform
import secrets
from datetime import UTC, datetime

from engine.wire import Open
from session.events import FORMAT, Header


def header_of(order: Open, target: str, clock_ns: int) -> Header:
    """Return what is run; ``target`` is the server's URL without credentials."""
    return Header(
        format=FORMAT,
        rooftop=order.version,
        started_at=datetime.now(UTC).astimezone().isoformat(timespec="milliseconds"),
        host=platform.node(),
        target=target,
        simulated=order.simulated,
        clock_ns=clock_ns,
        prompt_tokens=order.workload.prompt_tokens,
        output_tokens=order.workload.output_tokens,
        endpoint=order.workload.endpoint,
        workers=order.workers,
        client=order.client,
        tp=order.tp,
        model_shape=order.model_shape,
        gpu=order.gpu,
        arrivals=order.arrivals.process,
        burstiness=order.arrivals.burstiness,
        max_num_seqs=order.max_num_seqs,
        gpu_hour=order.gpu_hour,
        max_in_flight=order.arrivals.max_in_flight,
        slo=order.slo,
        warmup_s=order.warmup_s,
        trace=order.trace_info,
        session=secrets.token_hex(8),
    )
