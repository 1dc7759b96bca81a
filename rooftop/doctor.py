"""``rooftop doctor [URL]``: what can be seen of this machine and a server, and how to see the rest."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator

from loadgen.target import Target
from regime.model_table import shape_by_name
from rooftop.machine import check_machine
from rooftop.session import target_of
from telemetry.checks import check_exporter, check_gpus, check_metrics, check_server
from telemetry.findings import MARKS, Finding
from telemetry.preflight import Preflight, preflight


def doctor(args: argparse.Namespace) -> int:
    """Print what was found; return 0 where load can be run."""
    target = target_of(args, args.url)
    found = preflight(target.url, args.model, target.authorization)
    findings = list(examine(args, target, found))
    ready = found.problem is None
    if args.json:
        print(json.dumps({"url": target.url, "ready": ready, "findings": [_plain(one) for one in findings]}, indent=1))
    else:
        print("\n".join(one.line for one in findings))
        print(f"load can be run on {target.url}" if ready else "load cannot be run: see the server's line")
    return 0 if ready else 1


def examine(args: argparse.Namespace, target: Target, found: Preflight) -> Iterator[Finding]:
    """Look at everything, the machine first."""
    yield from check_machine(tls=target.tls, workers=args.workers)
    yield check_server(found, target.url)
    if found.problem is None or found.models:
        yield from check_metrics(target.url, target.authorization)
        yield check_shape(args.model_shape, found)
    if args.dcgm:
        for url in args.dcgm:
            yield from check_exporter(url)
    else:
        yield from check_gpus(target.url, args.gpus, simulated=found.simulated)


def check_shape(named: str | None, found: Preflight) -> Finding:
    """Say whether the arithmetic knows the model."""
    shape = next((s for name in (named, found.model, found.root) if name and (s := shape_by_name(name))), None)
    if shape is not None:
        return Finding("model shape", "ok", f"known as {shape.name}: the verdict has a second witness")
    way = "name a model of the same shape with --model-shape"
    return Finding("model shape", "absent", "this model is not in the built-in table: no arithmetic", way)


def _plain(finding: Finding) -> dict[str, str | None]:
    return {
        "name": finding.name.strip(),
        "state": finding.state,
        "mark": MARKS[finding.state],
        "text": finding.text,
        "way": finding.way,
    }
