"""The flags of a trace that is replayed, and the check of its file before anything starts."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import msgspec

from loadgen.plan import MAX_SPEED, MIN_SPEED, Workload
from loadgen.traces import MAX_REQUESTS, BadTrace, TracePart, read_trace
from rooftop.errors import Usage
from rooftop.options import duration_s
from session.events import Trace


@dataclass(frozen=True, slots=True)
class Replayed:
    """A trace that was read once and found good."""

    part: TracePart
    info: Trace
    speed: float
    prompt_tokens: int
    """In the mean."""
    output_tokens: int
    """In the mean."""

    def shape(self, workload: Workload) -> Workload:
        """Return a workload of the trace's mean lengths: what is shown, and sent where the trace is left."""
        return msgspec.structs.replace(
            workload,
            prompt_tokens=self.prompt_tokens,
            output_tokens=self.output_tokens,
            prompt_spread=None,
            output_spread=None,
        )


def speed(text: str) -> float:
    """Parse seconds of the trace a second: ``2``, ``0.5``."""
    found = re.fullmatch(r"\d{1,4}(?:\.\d{1,6})?", text.strip())
    if not found or not MIN_SPEED <= float(text) <= MAX_SPEED:
        raise argparse.ArgumentTypeError(f"{text!r} is no speed from {MIN_SPEED:g} to {MAX_SPEED:g}")
    return float(text)


def limit(text: str) -> int | float:
    """Parse requests, ``1000``, or seconds of the trace, with a unit: ``10m``."""
    if re.fullmatch(r"\d+", text):
        if not 1 <= int(text[:9]) <= MAX_REQUESTS or len(text) > 9:
            raise argparse.ArgumentTypeError(f"{text!r} is no number of requests from 1 to {MAX_REQUESTS}")
        return int(text)
    return duration_s(text)


def add_trace(parser: argparse.ArgumentParser, ramp: argparse._MutuallyExclusiveGroup | None = None) -> None:
    """Add the flags; ``ramp`` holds those of the other loads."""
    (ramp or parser).add_argument(
        "--trace", metavar="FILE", help="replay a trace: Mooncake's JSON lines or Azure's CSV (docs/workloads.md)"
    )
    group = parser.add_argument_group("trace")
    group.add_argument("--trace-speed", type=speed, metavar="X", help="2 replays it in half its time (default 1)")
    group.add_argument("--trace-limit", type=limit, metavar="N|TIME",
                       help="only the first N requests of the file, or those of its first TIME, e.g. 10m")  # fmt: skip


def replayed(args: argparse.Namespace) -> Replayed | None:
    """Read the trace that the flags name; raise :class:`Usage` where that cannot be, or flags contradict it."""
    if args.trace is None:
        for name in ("trace_speed", "trace_limit"):
            if getattr(args, name) is not None:
                raise Usage(f"--{name.replace('_', '-')} says how to replay a trace: say --trace FILE too")
        return None
    _check_flags(args)
    most = args.trace_limit
    part = TracePart(
        path=str(Path(args.trace).absolute()),
        requests=most if isinstance(most, int) else None,
        seconds=most if isinstance(most, float) else None,
    )
    try:
        part.path.encode()  # it goes to other processes as JSON
        trace = read_trace(part)
    except UnicodeEncodeError:
        raise Usage("--trace: the file's name is not UTF-8; rename it") from None
    except BadTrace as error:
        raise Usage(f"--trace: {error}") from None
    return Replayed(
        part,
        Trace(name=part.name, requests=len(trace), duration_s=trace.duration_s),
        args.trace_speed or 1.0,
        max(1, round(fmean(trace.prompt_tokens))),
        max(1, round(fmean(trace.output_tokens))),
    )


def _check_flags(args: argparse.Namespace) -> None:
    if args.arrivals is not None or args.burstiness is not None:
        raise Usage("a trace says when requests arrive: leave out --arrivals and --burstiness")
    if args.dataset is not None or args.prefix_tokens or args.turns > 1:
        raise Usage("a trace says what prompts share: it goes with none of --dataset, --prefix-tokens and --turns")
