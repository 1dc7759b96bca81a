"""``rooftop demo``: a ramp against the simulated server."""

from __future__ import annotations

import argparse

from rooftop.onward import onward
from rooftop.options import add_load, add_output, duration_s, gpu, levels, rates, whole
from rooftop.parsing import add_screen, parsed, parser_of
from rooftop.terminal import cannot_draw
from rooftop.trace_options import add_trace
from sim.flags import add_conditions


def command(words: list[str]) -> int:
    """Run it: on a terminal as a screen, else as a ramp without one."""
    from rooftop.watch import DEMO_HOLD_S, DEMO_LEVELS, demo

    parser = parser_of("demo", "A ramp against a simulated server with simulated GPUs. Every figure is SIMULATED.")
    ramp = parser.add_mutually_exclusive_group()
    ramp.add_argument("--concurrency", type=levels, default=list(DEMO_LEVELS), metavar="N,N,…",
                      help="levels of the ramp (default 1,4,16,64,128,256,512); any load key takes over")  # fmt: skip
    ramp.add_argument("--rate", type=rates, metavar="R,R,…", help="an open loop: requests a second, e.g. 8,16,32")
    add_trace(parser, ramp)
    parser.add_argument("--hold", type=duration_s, default=DEMO_HOLD_S, metavar="TIME",
                        help="how long each level is held (default 8s)")  # fmt: skip
    for add in (_add_simulated, add_screen, add_output, add_load):
        add(parser)
    args = parsed(parser, words)
    args.api_key_env, args.gpus, args.dcgm, args.model_shape, args.model_config = "", "auto", [], None, None
    args.max_num_seqs = args.gpu_hour = None
    if cannot_draw() is None:
        return onward(demo(args), args)
    from rooftop.run import run

    args.demo, args.url = True, None
    return run(args)


def _add_simulated(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--gpu", type=gpu, default="h200", metavar="NAME", help="simulated GPU (default h200)")
    parser.add_argument(
        "--model", default="llama-3.1-8b", metavar="NAME", help="simulated model (default llama-3.1-8b)"
    )
    parser.add_argument("--tp", type=whole(1, 8), default=1, metavar="N", help="simulated GPUs (default 1)")
    add_conditions(parser, "sim-")
