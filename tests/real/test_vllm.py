"""The main job against a real vLLM."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest

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
