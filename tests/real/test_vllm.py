"""The main job against a real vLLM."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import httpx
import pytest

from bench.loadgen.peers import VLLM_MAIN
from tests.processes import rooftop
from tests.terminal import Terminal

pytestmark = pytest.mark.real_server


def counter(url: str, name: str) -> float:
    """Return a counter of the server's, summed over its labels."""
    text = httpx.get(f"{url}/metrics", trust_env=False).text
    return sum(float(value) for value in re.findall(rf"^{re.escape(name)}(?:{{.*}})? (\S+)$", text, re.MULTILINE))


@pytest.mark.parametrize("endpoint", ["completions", "chat"])
def test_every_token_is_counted_as_the_server_counts(vllm: str, tmp_path: Path, endpoint: str) -> None:
    before = counter(vllm, "vllm:generation_tokens_total"), counter(vllm, "vllm:prompt_tokens_total")
    path = tmp_path / "a.rooftop"
    done = rooftop(
        tmp_path, "run", vllm, "--concurrency", "1,2,4", "--hold", "4s", "--endpoint", endpoint,
        "--prompt-tokens", "64", "--output-tokens", "32", "-o", str(path), limit_s=180,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    grown = counter(vllm, "vllm:generation_tokens_total") - before[0]
    figures = json.loads(rooftop(tmp_path, "report", str(path), "--format", "json").stdout)
    assert figures["totals"]["output_tokens"] == grown
    assert sum(level["output_tokens"] for level in figures["levels"]) == grown
    assert figures["totals"]["errors"] == {}
    assert [level["concurrency"] for level in figures["levels"]] == [1, 2, 4]
    assert figures["model"] == "tiny"
    assert figures["simulated"] is False
    for level in figures["levels"]:
        assert level["requests"] > 0
        assert level["ttft_ms"]["p50"] > 0
        assert level["tpot_ms"]["p50"] > 0
        assert level["server"]["batch"] == pytest.approx(level["concurrency"], rel=0.35)
        assert level["verdict"]["step"] is None, "no GPU counters and an unknown model: it cannot tell"
    prompts = counter(vllm, "vllm:prompt_tokens_total") - before[1]
    requests = figures["totals"]["requests"]
    if endpoint == "completions":
        assert prompts == 64 * requests


@pytest.mark.parametrize("detailed", [False, True])
def test_an_export_has_the_keys_and_types_of_vllms_own_bench(vllm: str, tmp_path: Path, *, detailed: bool) -> None:
    home = Path(os.environ.get("ROOFTOP_VLLM_HOME") or Path.home() / ".cache" / "rooftop-vllm-cpu")
    command = [
        str(home / "venv" / "bin" / "python"), "-c", VLLM_MAIN, "--backend", "openai", "--base-url", vllm,
        "--endpoint", "/v1/completions", "--model", "tiny", "--tokenizer", str(home / "tiny"), "--dataset-name",
        "random", "--random-input-len", "32", "--random-output-len", "16", "--num-prompts", "8", "--max-concurrency",
        "2", "--ignore-eos", "--disable-tqdm", "--save-result", "--result-dir", str(tmp_path),
        "--result-filename", "theirs.json", *(["--save-detailed"] if detailed else []),
    ]  # fmt: skip
    env = os.environ | {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1"}
    subprocess.run(command, env=env, check=True, capture_output=True, timeout=300)
    theirs = json.loads((tmp_path / "theirs.json").read_text())
    recording, out = tmp_path / "a.rooftop", tmp_path / "ours.json"
    words = ["run", vllm, "--concurrency", "2", "--hold", "3s", "--prompt-tokens", "32", "--output-tokens", "16"]
    assert rooftop(tmp_path, *words, "-o", str(recording), limit_s=120).returncode == 0
    form = "vllm-bench-detailed" if detailed else "vllm-bench"
    assert rooftop(tmp_path, "export", str(recording), "--to", form, "-o", str(out)).returncode == 0
    ours = json.loads(out.read_text())
    assert list(ours) == list(theirs)
    for name, value in theirs.items():
        assert type(ours[name]) is type(value), name
        if isinstance(value, list):
            assert {type(item) for item in ours[name]} == {type(item) for item in value}, name


def test_the_screen_drives_it_through_a_terminal(vllm: str, tmp_path: Path) -> None:
    path = tmp_path / "a.rooftop"
    with Terminal(tmp_path, [vllm, "-o", str(path), "--prompt-tokens", "32", "--output-tokens", "64"]) as screen:
        screen.wait_for("tiny")
        screen.press("]]]")
        screen.wait_until(lambda: counter(vllm, "vllm:num_requests_running") == 4)
        screen.wait_for("4 active")
        screen.press(" ")
        screen.wait_for("PAUSED")
        screen.wait_until(lambda: counter(vllm, "vllm:num_requests_running") == 0)
        screen.wait_until(lambda: "4 active" not in screen.text() and "was 4" in screen.text())
        screen.press("q")
        screen.press("y")  # if the last tick still had a request in flight, it asks
        assert screen.wait_exit() == 0
    figures = json.loads(rooftop(tmp_path, "report", str(path), "--format", "json").stdout)
    assert figures["complete"] is True
    assert figures["totals"]["errors"] == {}
    assert figures["totals"]["output_tokens"] > 0
