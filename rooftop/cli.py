"""The command ``rooftop``: which words are known, and which code each ends with."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import cast

from rooftop.collecting import uncollected
from rooftop.errors import Failure, Usage

COMMANDS = {
    "demo": ("rooftop demo", "the same against a simulated server and GPUs; needs nothing"),
    "run": ("rooftop run URL", "a ramp without a screen"),
    "sim": ("rooftop sim", "only the simulated server"),
    "setup": ("rooftop setup", "fill in URL, workload, load and GPUs on a screen, and start; profiles"),
    "sessions": ("rooftop sessions", "the recordings: list, open, compare, rename, delete"),
    "replay": ("rooftop replay F", "the screen from a recording"),
    "report": ("rooftop report F", "a recording's levels as text, JSON or an HTML page"),
    "cat": ("rooftop cat F", "a recording as JSON lines"),
    "repair": ("rooftop repair F", "what can be read of a damaged recording, in a new file"),
    "compare": ("rooftop compare A B", "recordings side by side; with --fail-on a gate for CI"),
    "export": ("rooftop export F --to X", "a recording as Parquet, CSV, vLLM bench JSON, a Perfetto trace, …"),
    "import": ("rooftop import F -o X", "results of vLLM bench and GuideLLM, and dmon logs, as a recording"),
    "redact": ("rooftop redact F", "a copy without hosts, addresses, notes and ids, to hand on"),
    "doctor": ("rooftop doctor URL", "what can be seen of server and GPUs, and how to see the rest"),
}
"""How each is written, and what it does; the module ``rooftop.commands.<name>`` runs it."""
_WIDTH = 2 + max(len(written) for written, _ in COMMANDS.values())

HELP = f"""\
commands:
  {"rooftop [URL]":{_WIDTH}}watch a server and load it by keys (default: http://localhost:8000)
{chr(10).join(f"  {written:{_WIDTH}}{what}" for written, what in COMMANDS.values())}

examples:
  rooftop http://gpu1:8000
  rooftop run http://localhost:8000 --concurrency 1,2,4,8,16 --hold 20s -o llama.rooftop
  rooftop run --demo --concurrency 1,8,64 --hold 5s
  rooftop run http://localhost:8000 --rate 8,16,32 --slo ttft=500ms,tpot=50ms
  rooftop run http://localhost:8000 --trace mooncake_trace.jsonl --trace-speed 2 --trace-limit 10m
  rooftop report llama.rooftop --format json
  rooftop --profile h200 --concurrency 16
  rooftop sessions --prune --older 30d
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
    known = bool(words) and words[0] in COMMANDS
    with uncollected():
        module = import_module(f"rooftop.commands.{words[0] if known else 'watch'}")
    return cast(int, module.command(words[1:] if known else words))
