"""Two tools, one server, the same load: ``python bench/loadgen/versus.py URL``.

``rooftop run`` and ``vllm bench serve`` take turns on a running server, so that what drifts drifts for both; medians of
the turns are compared, and beside that the differences within a turn, least to most: what the server itself varies by.
Random token ids, exact lengths, closed loop. Each tool's figures are its own words.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from bench.loadgen.peers import VLLM_ENV, VLLM_MAIN  # noqa: E402

FIGURES = ("output_tok_s", "ttft_p50_ms", "ttft_p99_ms", "tpot_p50_ms", "tpot_p99_ms", "itl_p50_ms")
Row = dict[str, float]


def rooftop(args: argparse.Namespace, folder: Path, turn: int) -> tuple[Row, int]:
    """Return what ``rooftop run`` says, and how many requests it sent."""
    recording = folder / f"{turn}.rooftop"
    command = [
        sys.executable, "-m", "rooftop", "run", args.url, "--concurrency", str(args.concurrency),
        "--hold", f"{args.hold}s", "--prompt-tokens", str(args.prompt_tokens),
        "--output-tokens", str(args.output_tokens), "--seed", str(turn), "-o", str(recording),
    ]  # fmt: skip
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, cwd=folder)
    said = subprocess.run(
        [sys.executable, "-m", "rooftop", "report", str(recording), "--format", "json"],
        env=environment, check=True, capture_output=True, cwd=folder,
    )  # fmt: skip
    (level,) = json.loads(said.stdout)["levels"]
    row = {"output_tok_s": level["output_tok_s"]}
    for name in FIGURES[1:]:
        kind, quantile, _ = name.split("_")
        row[name] = level[f"{kind}_ms"][quantile]
    return row, level["requests"]


def vllm(args: argparse.Namespace, folder: Path, turn: int, requests: int, model: str) -> Row:
    """Return what ``vllm bench serve`` says of as many requests."""
    command = [
        str(args.vllm_env / "bin" / "python"), "-c", VLLM_MAIN, "--backend", "openai", "--base-url", args.url,
        "--endpoint", "/v1/completions", "--model", model, "--tokenizer", args.tokenizer, "--dataset-name", "random",
        "--random-input-len", str(args.prompt_tokens), "--random-output-len", str(args.output_tokens),
        "--num-prompts", str(requests), "--max-concurrency", str(args.concurrency), "--ignore-eos", "--disable-tqdm",
        "--seed", str(turn), "--percentile-metrics", "ttft,tpot,itl", "--save-result",
        "--result-dir", str(folder), "--result-filename", "told.json",
    ]  # fmt: skip
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1"}
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    told = json.loads((folder / "told.json").read_text())
    row = {"output_tok_s": told["output_throughput"]}
    for name in FIGURES[1:]:
        kind, quantile, _ = name.split("_")
        row[name] = told[f"{'median' if quantile == 'p50' else quantile}_{kind}_ms"]
    return row


def main() -> None:
    """Take turns and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--model", default="tiny", help="name that the server serves it under")
    parser.add_argument("--tokenizer", default=str(VLLM_ENV.parent / "tiny"), help="for vLLM's bench: a folder")
    parser.add_argument("--vllm-env", type=Path, default=VLLM_ENV, help="environment that has vLLM")
    parser.add_argument("--concurrency", type=int, default=4)
    parser.add_argument("--prompt-tokens", type=int, default=128)
    parser.add_argument("--output-tokens", type=int, default=64)
    parser.add_argument("--hold", type=int, default=60, help="seconds that rooftop holds the level")
    parser.add_argument("--turns", type=int, default=3)
    args = parser.parse_args()
    ours: list[Row] = []
    theirs: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        for turn in range(args.turns):
            row, requests = rooftop(args, Path(name), turn)
            ours.append(row)
            theirs.append(vllm(args, Path(name), turn, requests, args.model))
            print(f"turn {turn + 1}: {requests} requests", file=sys.stderr)
    print(
        f"| median of {args.turns} turns, {args.concurrency} in flight "
        "| rooftop | vllm bench | difference | of single turns |"
    )
    print("| --- | ---: | ---: | ---: | ---: |")
    for figure in FIGURES:
        mine, other = (statistics.median(row[figure] for row in rows) for rows in (ours, theirs))
        turns = sorted(row[figure] / other_row[figure] - 1 for row, other_row in zip(ours, theirs, strict=True))
        spread = f"{turns[0]:+.1%} to {turns[-1]:+.1%}"
        print(f"| {figure} | {mine:.2f} | {other:.2f} | {mine / other - 1:+.1%} | {spread} |")


if __name__ == "__main__":
    main()
