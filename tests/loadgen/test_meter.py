"""What a worker takes chunks for until the server tells how many tokens they were."""

from __future__ import annotations

import time

from loadgen.meter import Meter
from session.events import Request


def ended(tokens: int) -> Request:
    return Request(t_s=1.0, start_s=0.0, ttft_s=0.1, last_s=1.0, output_tokens=tokens)


def test_chunks_after_a_server_that_sent_lumps_are_no_more_tokens_than_were_asked_for() -> None:
    """A server that had fallen behind sent 256 tokens in 4 chunks; the next stream comes singly."""
    meter = Meter(0, time.monotonic_ns(), lambda: 1)
    for _ in range(64):
        meter.ended(ended(256), meter.chunks(4, 256.0), 4)
    meter.tick()
    taken = 0.0
    for _ in range(256):
        taken += meter.chunks(1, 256.0 - taken)
    assert taken == 256.0
    tick = meter.tick()
    assert tick is not None
    assert tick.output_tokens == 256
    meter.ended(ended(256), taken, 256)
    corrected = meter.tick()
    assert corrected is not None
    assert corrected.output_tokens == 0, "nothing is to be taken back"


def test_lumps_are_taken_for_what_lumps_were() -> None:
    meter = Meter(0, time.monotonic_ns(), lambda: 1)
    meter.ended(ended(100), meter.chunks(20, 100.0), 20)
    assert meter.chunks(4, 100.0) == 20.0
    assert meter.chunks(4) == 20.0, "where nobody knows how many were asked for"
    assert meter.chunks(4, -1.0) == 0.0
