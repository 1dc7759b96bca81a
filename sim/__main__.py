"""``python -m sim``: the simulated server as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Sequence

from sim.clock import precise_loop
from sim.config import SimConfig, SimConfigError
from sim.flags import add_conditions
from sim.server import serve


def main(argv: Sequence[str] | None = None) -> int:
    """Run until a signal, or with ``--parent`` until stdin ends. Returns 0, 1 for a taken port, 2 for bad usage."""
    args = _parser().parse_args(argv)
    try:
        config = SimConfig(
            gpu=args.gpu,
            model=args.model,
            tp=args.tp,
            max_num_seqs=args.max_num_seqs,
            max_num_batched_tokens=args.max_num_batched_tokens,
            seed=args.seed,
            slow=args.slow,
            kv_limit=args.kv_limit,
            freeze=args.freeze,
        )
    except SimConfigError as error:
        print(f"rooftop sim: {error}", file=sys.stderr)
        return 2
    try:
        with asyncio.Runner(loop_factory=precise_loop) as runner:
            runner.run(_until_told(config, args.port, parent=args.parent))
    except OSError as error:
        print(f"rooftop sim: cannot listen on 127.0.0.1:{args.port}: {error.strerror or error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rooftop sim", description="A simulated vLLM server on 127.0.0.1: step times of real H200s, no GPU."
    )
    parser.add_argument("--port", type=_port, default=8000, help="0 picks a free one (default: %(default)s)")
    parser.add_argument("--gpu", default="h200", help="short name of the GPU (default: %(default)s)")
    parser.add_argument("--model", default="llama-3.1-8b", help="short name of the model (default: %(default)s)")
    parser.add_argument("--tp", type=int, default=1, help="GPUs: 1, 2, 4 or 8 (default: %(default)s)")
    parser.add_argument(
        "--max-num-seqs", type=int, default=1024, help="most sequences in a step (default: %(default)s)"
    )
    parser.add_argument(
        "--max-num-batched-tokens", type=int, default=8192, help="most tokens in a step (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="varies ids and uuids only (default: %(default)s)")
    add_conditions(parser)
    parser.add_argument("--parent", action="store_true", help="end when stdin ends, with the process that started it")
    return parser


def _port(text: str) -> int:
    value = int(text) if text.isascii() and text.isdigit() else -1
    if not 0 <= value <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to 65535")
    return value


async def _until_told(config: SimConfig, port: int, *, parent: bool) -> None:
    """Serve, and end cleanly on SIGTERM, SIGINT, or the end of stdin."""
    loop = asyncio.get_running_loop()
    serving = asyncio.create_task(serve(config, port))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, serving.cancel)
    if parent:
        # a thread, since stdin may be a file or a terminal, which no event loop can watch everywhere
        threading.Thread(target=_watch_stdin, args=(loop, serving), daemon=True).start()
    with contextlib.suppress(asyncio.CancelledError):
        await serving


def _watch_stdin(loop: asyncio.AbstractEventLoop, serving: asyncio.Task[None]) -> None:
    with contextlib.suppress(OSError, ValueError):
        while os.read(sys.stdin.fileno(), 4096):
            pass
    with contextlib.suppress(RuntimeError):  # the loop has ended by itself
        loop.call_soon_threadsafe(serving.cancel)


if __name__ == "__main__":
    sys.exit(main())
