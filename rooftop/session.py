"""Begins a session: finds a place for the recording and starts the engine."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine.handle import EngineFailed, EngineHandle
from engine.wire import Open
from loadgen.plan import Ramp
from loadgen.target import BadTarget, Target, key_from_environment, parse_target
from rooftop import __version__
from rooftop.errors import Failure, Usage
from rooftop.options import arrivals, check_shape, workload
from session.paths import NoPlace, new_recording
from session.shapes import to_record
from session.view import Snapshot


@dataclass(frozen=True, slots=True)
class Begun:
    """A running session."""

    engine: EngineHandle
    path: Path
    warning: str | None
    """Where the recording is not in its usual folder."""

    def check(self, snapshot: Snapshot) -> None:
        """Raise :class:`Failure` where a run cannot go on."""
        if problem := self.engine.problem():
            raise Failure(f"{problem}; recorded {self.path}")
        if snapshot.client.lost:
            raise Failure(f"a load worker died, so the run cannot go on; recorded {self.path}")


def target_of(args: argparse.Namespace, url: str) -> Target:
    """Return the server that the flags and the environment name; raise :class:`Usage`."""
    check_shape(args.model_shape, args.model_config)
    try:
        return parse_target(url, key_from_environment(args.api_key_env))
    except BadTarget as error:
        raise Usage(str(error)) from None


def ramp_of(args: argparse.Namespace) -> Ramp:
    """Return the ramp that the flags ask for: over rates where they name some, else over concurrencies."""
    if args.rate is not None:
        return Ramp(args.rate, args.hold, mode="open")
    return Ramp(args.concurrency, args.hold)


@contextlib.contextmanager
def begin(
    args: argparse.Namespace,
    target: Target,
    *,
    concurrency: int,
    rate: float | None = None,
    simulated: bool,
    model: str | None = None,
    model_len: int | None = None,
) -> Iterator[Begun]:
    """Start the engine; end it, and with it the recording, on the way out."""
    arrives = arrivals(args)
    shape, trace = workload(args), args.trace
    path, warning = _place(args.output, target.url)
    engine = EngineHandle(
        Open(
            version=__version__,
            url=target.url,
            authorization=target.authorization,
            path=str(path),
            limit_bytes=args.record_limit,
            workload=shape if trace is None else trace.shape(shape),
            model=model or args.model,
            concurrency=concurrency,
            rate=rate,
            arrivals=arrives,
            trace=None if trace is None else trace.part,
            trace_speed=1.0 if trace is None else trace.speed,
            trace_info=None if trace is None else trace.info,
            model_len=model_len,
            slo=args.slo,
            warmup_s=args.warmup,
            workers=args.workers,
            client=args.client,
            gpus=args.gpus,
            exporters=args.dcgm,
            simulated=simulated,
            tp=args.tp,
            model_shape=args.model_shape,
            shape=to_record(args.model_config) if args.model_config is not None else None,
            gpu=None if simulated else args.gpu,
            max_num_seqs=args.max_num_seqs,
            gpu_hour=args.gpu_hour,
        )
    )
    try:
        engine.wait_ready()
        yield Begun(engine, path, warning)
    except EngineFailed as error:
        raise Failure(str(error)) from None
    finally:
        engine.stop(0.0, "quit")


def _place(output: Path | None, url: str) -> tuple[Path, str | None]:
    if output is None:
        try:
            return new_recording(url, datetime.now().astimezone())
        except NoPlace as error:
            raise Failure(str(error)) from None
    if output.exists():
        raise Failure(f"{output} is there already, and a recording is never overwritten; choose another name")
    return output.absolute(), None
