"""Flags for states a server can get into, shared by ``rooftop sim`` and the commands that start a simulated server."""

from __future__ import annotations

import argparse
import re

MIN_SLOW, MAX_SLOW = 0.1, 100.0
MIN_KV_TOKENS, MAX_KV_TOKENS = 1024, 1_000_000_000


def slow(text: str) -> float:
    """Parse a factor such as ``1.15``."""
    if not re.fullmatch(r"\d{1,3}(?:\.\d{1,6})?", text) or not MIN_SLOW <= float(text) <= MAX_SLOW:
        raise argparse.ArgumentTypeError(f"{text!r} is no factor from {MIN_SLOW:g} to {MAX_SLOW:g}, such as 1.15")
    return float(text)


def kv_tokens(text: str) -> int:
    """Parse a number of tokens that a KV cache can hold."""
    if not re.fullmatch(r"\d{1,10}", text) or not MIN_KV_TOKENS <= int(text) <= MAX_KV_TOKENS:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {MIN_KV_TOKENS} to {MAX_KV_TOKENS}")
    return int(text)


def freeze(text: str) -> tuple[float, float]:
    """Parse ``30s:5s`` or ``30:5``: seconds of work, and seconds of standing still after them."""
    found = re.fullmatch(r"(\d{1,5}(?:\.\d{1,3})?)s?:(\d{1,5}(?:\.\d{1,3})?)s?", text.strip())
    if not found or float(found[1]) <= 0 or float(found[2]) <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no pair of times; write it like 30s:5s")
    return float(found[1]), float(found[2])


def add_conditions(parser: argparse.ArgumentParser, prefix: str = "") -> None:
    """Add the flags, each beginning with ``--`` and ``prefix``."""
    group = parser.add_argument_group("what is wrong with the simulated server")
    group.add_argument(f"--{prefix}slow", dest="slow", type=slow, default=1.0, metavar="FACTOR",
                       help="every step takes so many times as long, e.g. 1.15: a regression to find")  # fmt: skip
    group.add_argument(f"--{prefix}kv-tokens", dest="kv_limit", type=kv_tokens, metavar="N",
                       help="KV cache of so few tokens, e.g. 8192: requests wait, some are preempted")  # fmt: skip
    group.add_argument(f"--{prefix}freeze", dest="freeze", type=freeze, metavar="EVERY:FOR",
                       help="stand still for a while after so much work, again and again, e.g. 20s:3s")  # fmt: skip


def words(args: argparse.Namespace) -> list[str]:
    """Return parsed flags as words for ``python -m sim``; empty where nothing is wrong."""
    said = []
    if args.slow != 1.0:
        said += ["--slow", f"{args.slow:f}"]
    if args.kv_limit is not None:
        said += ["--kv-tokens", str(args.kv_limit)]
    if args.freeze is not None:
        every, pause = args.freeze
        said += ["--freeze", f"{every:.3f}:{pause:.3f}"]
    return said
