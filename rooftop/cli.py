"""The command ``rooftop``: which words are known, and which code each ends with."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from loadgen.plan import MAX_CONCURRENCY
from loadgen.target import DEFAULT_URL
from rooftop import __version__
from rooftop.errors import Failure, Usage
from rooftop.options import (
    add_load,
    add_output,
    add_price,
    add_target,
    duration_s,
    gpu,
    levels,
    rate,
    rates,
    warmup_s,
    whole,
    workers,
    workload,
)
from rooftop.terminal import cannot_draw
from rooftop.trace_options import add_trace, replayed
from session.steadiness import MIN_STEADY_S
from sim.flags import add_conditions

COMMANDS = ("demo", "sim", "run", "replay", "report", "doctor")

HELP = """\
commands:
  rooftop [URL]      watch a server and load it by keys (default: http://localhost:8000)
  rooftop demo       the same against a simulated server and GPUs; needs nothing
  rooftop run URL    a ramp without a screen
  rooftop sim        only the simulated server
  rooftop replay F   the screen from a recording
  rooftop report F   a recording's levels as text or JSON
  rooftop doctor URL what can be seen of server and GPUs, and how to see the rest

examples:
  rooftop http://gpu1:8000
  rooftop run http://localhost:8000 --concurrency 1,2,4,8,16 --hold 20s -o llama.rooftop
  rooftop run --demo --concurrency 1,8,64 --hold 5s
  rooftop run http://localhost:8000 --rate 8,16,32 --slo ttft=500ms,tpot=50ms
  rooftop run http://localhost:8000 --trace mooncake_trace.jsonl --trace-speed 2 --trace-limit 10m
  rooftop report llama.rooftop --format json
  ROOFTOP_API_KEY=... rooftop https://llm.example.com

'rooftop COMMAND --help' tells a command's flags. Exit codes: 0 done, 1 failed, 2 wrong usage.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return _dispatch(words)
    except Usage as error:
        print(f"rooftop: {error}", file=sys.stderr)
        return 2
    except Failure as error:
        print(f"rooftop: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _dispatch(words: list[str]) -> int:
    command = words[0] if words and words[0] in COMMANDS else ""
    rest = words[1:] if command else words
    match command:
        case "demo":
            return _demo(rest)
        case "sim":
            return _sim(rest)
        case "run":
            return _run(rest)
        case "replay" | "report":
            return _recorded(command, rest)
        case "doctor":
            return _doctor(rest)
        case _:
            return _watch(rest)


def _parser(command: str, description: str, epilog: str | None = None) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog=f"rooftop {command}".strip(),
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def _parsed(parser: argparse.ArgumentParser, words: list[str]) -> argparse.Namespace:
    """Parse the flags and find contradictions among those of the load before anything starts."""
    args = parser.parse_args(words)
    workload(args)
    args.trace = replayed(args)
    return args


def _watch(words: list[str]) -> int:
    from rooftop.watch import watch

    parser = _parser("", "Ramp the load on an LLM server and see why a decode step takes as long as it does.", HELP)
    parser.add_argument("--version", action="version", version=f"rooftop {__version__}")
    parser.add_argument("url", nargs="?", default=DEFAULT_URL, metavar="URL", help="OpenAI-compatible server")
    parser.add_argument("--concurrency", type=whole(0, MAX_CONCURRENCY), default=0, metavar="N",
                        help="requests in flight at the start (default 0: only watch)")  # fmt: skip
    parser.add_argument("--rate", type=rate, metavar="R",
                        help="begin with an open loop: so many requests a second, e.g. 32")  # fmt: skip
    add_trace(parser)
    _add_screen(parser)
    for add in (add_output, add_load, add_target):
        add(parser)
    args = _parsed(parser, words)
    if sum((args.rate is not None, bool(args.concurrency), args.trace is not None)) > 1:
        raise Usage("--rate, --concurrency and --trace are ways to load a server: say one")
    return watch(args)


def _demo(words: list[str]) -> int:
    from rooftop.watch import DEMO_HOLD_S, DEMO_LEVELS, demo

    parser = _parser("demo", "A ramp against a simulated server with simulated GPUs. Every figure is SIMULATED.")
    ramp = parser.add_mutually_exclusive_group()
    ramp.add_argument("--concurrency", type=levels, default=list(DEMO_LEVELS), metavar="N,N,…",
                      help="levels of the ramp (default 1,4,16,64,128,256,512); any load key takes over")  # fmt: skip
    ramp.add_argument("--rate", type=rates, metavar="R,R,…", help="an open loop: requests a second, e.g. 8,16,32")
    add_trace(parser, ramp)
    parser.add_argument("--hold", type=duration_s, default=DEMO_HOLD_S, metavar="TIME",
                        help="how long each level is held (default 8s)")  # fmt: skip
    _add_simulated(parser)
    _add_screen(parser)
    for add in (add_output, add_load):
        add(parser)
    args = _parsed(parser, words)
    args.api_key_env, args.gpus, args.dcgm, args.model_shape, args.model_config = "", "auto", [], None, None
    args.max_num_seqs = args.gpu_hour = None
    if cannot_draw() is None:
        return demo(args)
    from rooftop.run import run

    args.demo, args.url = True, None
    return run(args)


def _sim(words: list[str]) -> int:
    from sim.__main__ import main as serve

    return serve(words)


def _run(words: list[str]) -> int:
    from rooftop.run import run

    parser = _parser("run", "Hold one level of load after the other, record, and print the levels.")
    parser.add_argument("url", nargs="?", metavar="URL", help="OpenAI-compatible server")
    parser.add_argument("--demo", action="store_true", help="run against the simulated server in place of a URL")
    ramp = parser.add_mutually_exclusive_group(required=True)
    ramp.add_argument("--concurrency", type=levels, metavar="N,N,…", help="requests in flight, e.g. 1,2,4,8")
    ramp.add_argument("--rate", type=rates, metavar="R,R,…", help="requests a second (an open loop), e.g. 8,16,32")
    add_trace(parser, ramp)
    parser.add_argument("--hold", type=duration_s, default=10.0, metavar="TIME",
                        help="how long each level is held (default 10s)")  # fmt: skip
    parser.add_argument("--warmup", type=warmup_s, metavar="TIME",
                        help="leave so much of each level's beginning out of its figures "
                             "(default: until as many requests have finished as are in flight)")  # fmt: skip
    for add in (add_output, add_load, add_target):
        add(parser)
    add_conditions(parser, "sim-")
    args = _parsed(parser, words)
    if args.warmup is not None and args.warmup + MIN_STEADY_S > args.hold:
        raise Usage(
            f"--warmup {args.warmup:g}s leaves less than {MIN_STEADY_S:g} s of --hold {args.hold:g}s to measure; "
            "hold levels longer"
        )
    return run(args)


def _recorded(command: str, words: list[str]) -> int:
    from rooftop.recorded import replay, report

    parser = _parser(
        command, "Show the screen from a recording." if command == "replay" else "Print a recording's levels."
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="a recording")
    if command == "replay":
        _add_screen(parser)
        return replay(parser.parse_args(words))
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default text")
    add_price(parser)
    return report(parser.parse_args(words))


def _doctor(words: list[str]) -> int:
    from rooftop.doctor import doctor

    parser = _parser("doctor", "Say what can be seen of this machine, a server and its GPUs. Sends no load.")
    parser.add_argument("url", nargs="?", default=DEFAULT_URL, metavar="URL", help="OpenAI-compatible server")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--workers", type=workers, default=1, metavar="N|auto", help="load processes that are meant")
    add_target(parser)
    return doctor(parser.parse_args(words))


def _add_screen(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--theme", metavar="NAME",
                        help="rooftop-dark (default), -light, -high-contrast, -okabe-ito (colour-blind safe), -16 "
                             "(the terminal's own colours), or one of your own")  # fmt: skip
    parser.add_argument("--ascii", action="store_true", help="draw with ASCII alone")
    parser.add_argument("--debug", action="store_true", help="show a traceback where rooftop itself fails")


def _add_simulated(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--gpu", type=gpu, default="h200", metavar="NAME", help="simulated GPU (default h200)")
    parser.add_argument(
        "--model", default="llama-3.1-8b", metavar="NAME", help="simulated model (default llama-3.1-8b)"
    )
    parser.add_argument("--tp", type=whole(1, 8), default=1, metavar="N", help="simulated GPUs (default 1)")
    add_conditions(parser, "sim-")
