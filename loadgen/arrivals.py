"""When requests are due in an open loop: a sequence of instants, the same for the same seed.

Every worker of a session draws the whole sequence and takes its own turns of it. So the rate is split exactly, and
what reaches the server is the process that was asked for, however many workers send it: a share of a gamma process
sent by each of four workers would not add up to one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice
from typing import Literal

import msgspec

Process = Literal["poisson", "constant", "gamma"]

MAX_RATE = 10_000.0
MIN_RATE = 0.001


class Arrivals(msgspec.Struct, frozen=True, kw_only=True):
    """How requests arrive.

    ``burstiness`` is the shape of the gamma-distributed gaps, as in vLLM's benchmark: 1 is Poisson, less comes in
    bursts, more is evener. The coefficient of variation of the gaps is 1/sqrt(burstiness).
    """

    process: Process = "poisson"
    burstiness: float = 1.0
    seed: int = 0
    max_in_flight: int = 10_000
    """Of the session. An arrival that finds so many requests in flight is counted as ``overflow``."""


def gaps_s(arrivals: Arrivals, rate_s: float, draw: int) -> Iterator[float]:
    """Yield the seconds from one arrival to the next, at ``rate_s`` a second in the mean.

    ``draw`` numbers the times that a rate was set: two levels at one rate get different sequences.
    """
    chance = random.Random(f"{arrivals.seed}/{draw}/arrivals")
    mean_s = 1.0 / rate_s
    while True:
        match arrivals.process:
            case "constant":
                yield mean_s
            case "poisson":
                yield chance.expovariate(rate_s)
            case "gamma":
                yield chance.gammavariate(arrivals.burstiness, mean_s / arrivals.burstiness)


def due_ns(
    arrivals: Arrivals, rate_s: float, from_ns: int, *, draw: int = 0, worker: int = 0, workers: int = 1
) -> Iterator[int]:
    """Yield when this worker's requests are due, on the monotonic clock; the first one gap after ``from_ns``."""
    return islice(_all_ns(gaps_s(arrivals, rate_s, draw), from_ns), worker, None, workers)


def _all_ns(gaps: Iterator[float], from_ns: int) -> Iterator[int]:
    at_s = 0.0
    for gap_s in gaps:
        at_s += gap_s
        yield from_ns + round(at_s * 1e9)
