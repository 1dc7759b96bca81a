"""``rooftop doctor URL``: what can be seen of server and GPUs."""

from __future__ import annotations

from loadgen.target import DEFAULT_URL
from rooftop.doctor import doctor
from rooftop.options import add_target, workers
from rooftop.parsing import parser_of


def command(words: list[str]) -> int:
    """Run it."""
    parser = parser_of("doctor", "Say what can be seen of this machine, a server and its GPUs. Sends no load.")
    parser.add_argument("url", nargs="?", default=DEFAULT_URL, metavar="URL", help="OpenAI-compatible server")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--workers", type=workers, default=1, metavar="N|auto", help="load processes that are meant")
    add_target(parser)
    return doctor(parser.parse_args(words))
