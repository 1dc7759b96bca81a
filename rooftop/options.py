"""Flags that several commands share, and the checks of their values."""

from __future__ import annotations

import argparse
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import get_args

from loadgen.arrivals import MAX_RATE, MIN_RATE, Arrivals, Process
from loadgen.datasets import BadDataset, Summary, check
from loadgen.lengths import Spread, parse_lengths
from loadgen.plan import MAX_CONCURRENCY, ClientName, Endpoint, Order, Workload
from loadgen.target import KEY_VARIABLE
from regime.gpus import gpu_keys, near_keys, peaks_by_key
from regime.model import ModelShape
from regime.model_table import MODELS, shape_by_name
from rooftop.errors import Usage
from session.slo import SHARE

SECONDS = {"ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
BYTES = {"mb": 10**6, "gb": 10**9, "tb": 10**12, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40}
MIN_RECORD_BYTES = 10**6
MAX_PREFIX_TOKENS = 1_000_000
MAX_TOKEN_ID = 1_000_000
"""No vocabulary is larger."""
MAX_ALL_PREFIXES = 20_000_000
"""Tokens in all prefixes together: a worker keeps them, at up to 8 bytes a token."""


def duration_s(text: str) -> float:
    """Parse ``10s``, ``500ms``, ``2m`` or plain seconds."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]*)", text.strip().lower())
    if not found or (found[2] or "s") not in SECONDS:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration; write it like 10s, 500ms or 2m")
    value = float(found[1]) * SECONDS[found[2] or "s"]
    if not 0.1 <= value <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is out of range: 100ms to 24h")
    return value


def size_bytes(text: str) -> int | None:
    """Parse ``2GB``, ``500MB`` or ``1.5GiB``; ``none`` is no limit."""
    if text.strip().lower() == "none":
        return None
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)\s*([a-z]+)", text.strip().lower())
    if not found or found[2] not in BYTES or not (size := int(float(found[1]) * BYTES[found[2]])) >= MIN_RECORD_BYTES:
        raise argparse.ArgumentTypeError(f"{text!r} is no size of 1MB or more; write it like 500MB or 2GB, or none")
    return size


def warmup_s(text: str) -> float:
    """Parse a duration, or 0."""
    return 0.0 if re.fullmatch(r"0+(\.0+)?\s*[a-z]*", text.strip().lower()) else duration_s(text)


def whole(low: int, high: int) -> Callable[[str], int]:
    """Return a parser of whole numbers in a range."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text) or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {low} to {high}")
        return int(text)

    return parse


def levels(text: str) -> list[int]:
    """Parse ``1,2,4,8``."""
    one = whole(1, MAX_CONCURRENCY)
    return [one(part.strip()) for part in text.split(",")]


def workers(text: str) -> int:
    """Parse a number of load workers; ``auto`` leaves three of four cores to the server."""
    if text == "auto":
        return max(1, min(8, (os.cpu_count() or 1) // 4))
    return whole(1, 64)(text)


def rate(text: str) -> float:
    """Parse requests a second: ``32``, ``0.5``."""
    found = re.fullmatch(r"\d{1,5}(?:\.\d{1,6})?", text.strip())
    if not found or not MIN_RATE <= float(text) <= MAX_RATE:
        raise argparse.ArgumentTypeError(f"{text!r} is no rate from {MIN_RATE:g} to {MAX_RATE:g} requests a second")
    return float(text)


def rates(text: str) -> list[float]:
    """Parse ``8,16,32``."""
    return [rate(part) for part in text.split(",")]


def burstiness(text: str) -> float:
    """Parse the shape of the gamma-distributed gaps."""
    if not re.fullmatch(r"\d{1,4}(?:\.\d{1,6})?", text) or not 0.01 <= float(text) <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is no burstiness from 0.01 to 1000")
    return float(text)


def slo(text: str) -> dict[str, float]:
    """Parse ``ttft=500ms,tpot=50ms,e2e=10s``, any of them, into seconds."""
    bounds: dict[str, float] = {}
    for part in text.split(","):
        found = re.fullmatch(r"\s*(ttft|tpot|e2e)\s*=\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*", part.lower())
        if not found or found[3] not in SECONDS or found[1] in bounds or float(found[2]) == 0:
            raise argparse.ArgumentTypeError(
                f"{text!r} is no set of bounds; write it like ttft=500ms,tpot=50ms,e2e=10s"
            )
        bounds[found[1]] = float(found[2]) * SECONDS[found[3]]
    return bounds


def price(text: str) -> float:
    """Parse ``2.50``, in any currency."""
    if not re.fullmatch(r"\d{1,6}(?:\.\d{1,6})?", text) or float(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no price; write what one GPU costs an hour, like 2.50")
    return float(text)


def lengths(text: str) -> tuple[int, Spread | None]:
    """Parse ``128``, ``normal:128,32``, ``uniform:64-256`` or ``lognormal:512,0.5``."""
    try:
        return parse_lengths(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def share(text: str) -> float:
    """Parse ``0.8`` or ``80%``."""
    found = re.fullmatch(r"(\d{1,3}(?:\.\d{1,6})?)(%?)", text)
    value = float(found[1]) / (100 if found[2] else 1) if found else -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share; write it like 0.8 or 80%")
    return value


def dataset(text: str) -> Summary:
    """Check a file of prompts, all that will be used of it."""
    try:
        return check(Path(text))
    except BadDataset as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def exporter(text: str) -> str:
    """Check the URL of a GPU exporter; ``gpu1:9400`` will do."""
    from telemetry.web import Failed, base_of  # an HTTP client takes a tenth of a second: few commands need it

    url = text if "://" in text else f"http://{text}"
    try:
        base_of(url)
    except Failed as failure:
        raise argparse.ArgumentTypeError(failure.reason.replace("http://localhost:8000", "http://gpu1:9400")) from None
    return url


def variable(text: str) -> str:
    """Check the name of an environment variable; what may be a key in its place is not repeated."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*|", text):
        raise argparse.ArgumentTypeError(f"this is no variable's name; it takes a name like {KEY_VARIABLE}, not a key")
    return text


def token_ids(text: str) -> tuple[int, int]:
    """Parse ``10-2000``."""
    found = re.fullmatch(r"(\d{1,7})-(\d{1,7})", text)
    if not found or not int(found[1]) < int(found[2]) <= MAX_TOKEN_ID:
        raise argparse.ArgumentTypeError(f"{text!r} is no range of token ids; write it like 10-2000")
    return int(found[1]), int(found[2])


def add_load(parser: argparse.ArgumentParser) -> None:
    """Add the flags that shape requests."""
    parser.set_defaults(warmup=None)  # only ``run`` has the flag
    group = parser.add_argument_group("load")
    group.add_argument("--prompt-tokens", type=lengths, default=(128, None), metavar="N",
                       help="prompt length in tokens (default 128; chat: about), or lengths drawn for each request: "
                            "normal:MEAN,SD uniform:LOW-HIGH lognormal:MEAN,SIGMA (MEAN of the lengths, SIGMA of "
                            "their natural logarithm)")  # fmt: skip
    group.add_argument("--output-tokens", type=lengths, default=(256, None), metavar="N",
                       help="tokens to generate per request (default 256), or a distribution as above")  # fmt: skip
    group.add_argument("--endpoint", choices=get_args(Endpoint), default="completions",
                       help="completions sends random token ids, chat sends text (default completions)")  # fmt: skip
    group.add_argument("--stop-at-eos", action="store_true",
                       help="let the model end a text early (default: exact lengths)")  # fmt: skip
    group.add_argument("--token-ids", type=token_ids, default=(10, 2000), metavar="LOW-HIGH",
                       help="range that random prompts are drawn from (default 10-2000)")  # fmt: skip
    group.add_argument("--seed", type=whole(0, 999_999_999), default=0, metavar="N",
                       help="the same seed sends the same prompts (default 0)")  # fmt: skip
    group.add_argument("--timeout", type=duration_s, default=600.0, metavar="TIME",
                       help="give a request up after this long (default 600s)")  # fmt: skip
    group.add_argument("--workers", type=workers, default=1, metavar="N|auto",
                       help="load processes that share the load; auto: one per four cores (default 1)")  # fmt: skip
    group.add_argument("--client", choices=get_args(ClientName), default="native",
                       help="aiohttp goes through the proxies of the environment; it costs more and times less "
                            "exactly (default native)")  # fmt: skip
    group.add_argument("--slo", type=slo, default={}, metavar="BOUNDS",
                       help="what a good request meets, e.g. ttft=500ms,tpot=50ms,e2e=10s; any of them")  # fmt: skip
    _add_prompts(parser.add_argument_group("what prompts share, and where they come from (docs/workloads.md)"))
    _add_arrivals(parser.add_argument_group("open loop (--rate, or key o)"))


def _add_arrivals(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--arrivals", choices=get_args(Process),
                       help="gaps between requests: exponential, equal or gamma (default poisson)")  # fmt: skip
    group.add_argument("--burstiness", type=burstiness, metavar="SHAPE",
                       help="shape of gamma gaps: 1 is Poisson, less is burstier; means --arrivals gamma")  # fmt: skip
    group.add_argument("--max-in-flight", type=whole(1, MAX_CONCURRENCY), default=MAX_CONCURRENCY, metavar="N",
                       help="drop arrivals beyond so many in flight, and count them (default 10000)")  # fmt: skip


def _add_prompts(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--cache-salt", action="store_true",
                       help="salt every request, so that the server's prefix cache never hits")  # fmt: skip
    group.add_argument("--prefix-tokens", type=whole(0, MAX_PREFIX_TOKENS), default=0, metavar="N",
                       help="begin prompts with a shared prefix of N of their tokens (default 0)")  # fmt: skip
    group.add_argument("--prefix-share", type=share, default=1.0, metavar="SHARE",
                       help="the part of prompts that begin so, e.g. 0.8 (default 1)")  # fmt: skip
    group.add_argument("--prefix-count", type=whole(1, 100_000), default=1, metavar="K",
                       help="how many different prefixes there are (default 1)")  # fmt: skip
    group.add_argument("--turns", type=whole(1, 1000), default=1, metavar="N",
                       help="chats of N requests, each carrying the turns before (default 1)")  # fmt: skip
    group.add_argument("--dataset", type=dataset, metavar="FILE",
                       help="take prompts from ShareGPT JSON, from JSON lines, or from a .txt with one a line: "
                            "the first 100,000, or those in the first 256 MiB")  # fmt: skip
    group.add_argument("--dataset-order", choices=get_args(Order), default="shuffled",
                       help="order of the file's prompts (default shuffled, by the seed)")  # fmt: skip


def add_target(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say what is measured."""
    group = parser.add_argument_group("server and GPUs")
    group.add_argument("--model", metavar="NAME", help="model to ask for (default: the first that the server names)")
    group.add_argument("--api-key-env", type=variable, default=KEY_VARIABLE, metavar="NAME",
                       help=f"environment variable that holds the API key (default {KEY_VARIABLE})")  # fmt: skip
    group.add_argument("--gpus", choices=("auto", "local", "off"), default="auto",
                       help="auto reads this machine's GPUs if the server runs here (default)")  # fmt: skip
    group.add_argument("--dcgm", type=exporter, action="append", default=[], metavar="URL",
                       help="read GPUs from this DCGM exporter (or AMD's device-metrics-exporter) in place of this "
                            "machine's, e.g. http://gpu1:9400/metrics; again for every machine")  # fmt: skip
    group.add_argument("--tp", type=whole(1, 1024), metavar="N",
                       help="tensor parallelism of the server (default: the number of GPUs in use)")  # fmt: skip
    group.add_argument("--model-shape", metavar="NAME",
                       help="take the arithmetic from this model of the built-in table, e.g. llama-3.1-8b")  # fmt: skip
    group.add_argument("--model-config", type=model_config, metavar="PATH",
                       help="or from this config.json, or a folder with one (default: the server's, where it can be "
                            "read here, or the Hugging Face cache's, or the built-in table by name)")  # fmt: skip
    group.add_argument("--gpu", type=gpu, metavar="NAME",
                       help="take the GPU's peaks from this row of the built-in table, e.g. h200, where none is read "
                            "here or its name is not known; with --demo: the simulated GPU (default h200)")  # fmt: skip
    group.add_argument("--max-num-seqs", type=whole(1, 1_000_000), metavar="N",
                       help="what the server was started with: tells what a queue waits for (default: the server's "
                            "word, or read from how it behaves)")  # fmt: skip
    add_price(group)


def add_price(group: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """Add the flag that turns tokens into money."""
    group.add_argument("--gpu-hour", type=price, metavar="PRICE",
                       help="what one GPU costs an hour, e.g. 2.50: adds the cost of a million output "
                            "tokens")  # fmt: skip


def add_slo(parser: argparse.ArgumentParser) -> None:
    """Add the flags that judge a recording by bounds afterwards."""
    parser.add_argument("--slo", type=slo, default={}, metavar="BOUNDS",
                        help="judge by these bounds in place of the recorded ones, e.g. ttft=500ms,tpot=50ms; counts "
                             "all requests anew")  # fmt: skip
    parser.add_argument("--slo-share", type=share, default=SHARE, metavar="SHARE",
                        help="so many of its requests must meet all bounds for a load to meet them, e.g. 0.99 or 99%% "
                             "(default 95%%)")  # fmt: skip


def model_config(text: str) -> ModelShape:
    """Read a ``config.json``, or the one of a folder."""
    from telemetry.model_files import Unreadable  # brings an HTTP client along: only this flag pays for it
    from telemetry.shapes import shape_of_file

    try:
        return shape_of_file(Path(text))
    except (Unreadable, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{error}; --model-shape takes a shape from the built-in table") from None


def gpu(text: str) -> str:
    """Check the short name of a GPU."""
    if peaks_by_key(text) is not None:
        return text.lower()
    near = near_keys(text)
    known = f"did you mean {' or '.join(near)}?" if near else f"it has: {', '.join(gpu_keys())}"
    raise argparse.ArgumentTypeError(f"the built-in table has no {text!r}; {known}")


def add_output(parser: argparse.ArgumentParser) -> None:
    """Add the flag that says where the recording goes."""
    parser.add_argument("-o", "--output", type=Path, metavar="FILE",
                        help="write the recording here (default: the user's state folder)")  # fmt: skip
    parser.add_argument("--record-limit", type=size_bytes, default=size_bytes("2GB"), metavar="SIZE",
                        help="beyond so much the recording goes on in another file, NAME.2.rooftop and so on, which "
                             "replay and report open with the first (default 2GB; none: one file)")  # fmt: skip


def workload(args: argparse.Namespace) -> Workload:
    """Return the workload that the flags describe; raise :class:`Usage` where they contradict each other."""
    low, high = args.token_ids
    prompt_tokens, prompt_spread = args.prompt_tokens
    output_tokens, output_spread = args.output_tokens
    if args.dataset is not None:
        prompt_tokens, prompt_spread = args.dataset.mean_tokens, None
    made = Workload(
        endpoint=args.endpoint,
        prompt_tokens=prompt_tokens,
        output_tokens=output_tokens,
        prompt_spread=prompt_spread,
        output_spread=output_spread,
        ignore_eos=not args.stop_at_eos,
        token_id_low=low,
        token_id_high=high,
        seed=args.seed,
        cache_salt=secrets.token_hex(8) if args.cache_salt else None,
        prefix_tokens=args.prefix_tokens,
        prefix_share=args.prefix_share,
        prefix_count=args.prefix_count,
        turns=args.turns,
        dataset=args.dataset.path if args.dataset is not None else None,
        dataset_order=args.dataset_order,
        workers=args.workers,
        timeout_s=args.timeout,
    )
    _check(made)
    return made


def _check(made: Workload) -> None:
    if made.dataset is not None and (made.prefix_tokens or made.turns > 1):
        raise Usage("--dataset sends a file's prompts as they are: it goes with neither --prefix-tokens nor --turns")
    if made.prefix_tokens >= made.prompt_tokens:
        raise Usage(
            f"--prefix-tokens {made.prefix_tokens} is part of the prompt and must be less than "
            f"--prompt-tokens ({made.prompt_tokens})"
        )
    if made.prefix_tokens * made.prefix_count > MAX_ALL_PREFIXES:
        raise Usage(f"--prefix-tokens times --prefix-count is more than {MAX_ALL_PREFIXES} tokens")


def arrivals(args: argparse.Namespace) -> Arrivals:
    """Return how requests arrive in an open loop; raise :class:`Usage` where the flags contradict each other."""
    shape = args.burstiness
    process: Process = args.arrivals or ("poisson" if shape is None else "gamma")
    if shape is not None and process != "gamma":
        raise Usage(f"--burstiness shapes gamma arrivals; leave it out with --arrivals {process}")
    if args.max_in_flight < args.workers:
        raise Usage(
            f"--max-in-flight {args.max_in_flight} is split over --workers {args.workers}: each needs one at least"
        )
    return Arrivals(
        process=process, burstiness=1.0 if shape is None else shape, seed=args.seed, max_in_flight=args.max_in_flight
    )


def check_shape(name: str | None, given: ModelShape | None = None) -> None:
    """Raise :class:`Usage` where the built-in table has no such model, or the user also gave one."""
    if name is not None and given is not None:
        raise Usage("--model-shape and --model-config are two ways to give a model's shape: say one")
    if name is not None and shape_by_name(name) is None:
        raise Usage(f"--model-shape: the built-in table has no {name!r}; it has: {', '.join(sorted(MODELS))}")
