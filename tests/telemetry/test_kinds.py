"""Every known server's metrics in one form, and what each does not tell."""

from __future__ import annotations

import pathlib

import pytest

from session.events import EngineSample
from telemetry.kinds import KINDS, read_metrics, why_nothing, why_partly

DUMPS = pathlib.Path(__file__).parents[1] / "data" / "metrics"


def dump(name: str) -> str:
    return (DUMPS / name).read_text(encoding="utf-8")


EXPECTED = {
    "vllm-0.8.5.txt": (
        "vLLM",
        {
            "0": EngineSample(
                running=3,
                waiting=1,
                kv_usage=0.25,
                preemptions=0,
                prefix_queries=40,
                prefix_hits=10,
                prompt_tokens=500,
                generation_tokens=110,
                finished=4,
                steps=50,
                ttft_sum_s=2,
                ttft_count=10,
                ttft_buckets=[(0.001, 0), (0.1, 6), (1, 10)],
                itl_sum_s=2.5,
                itl_count=100,
                itl_buckets=[(0.01, 20), (0.025, 90), (0.05, 100)],
                queue_sum_s=0.2,
                queue_count=4,
            )
        },
        1600,
        ["computed prompt tokens"],
    ),
    "vllm-0.12-dp2.txt": (
        "vLLM",
        {
            label: EngineSample(
                running=n / 10,
                waiting=0,
                kv_usage=n / 200,
                generation_tokens=n,
                steps=n // 10,
                itl_sum_s=n * 0.02,
                itl_count=n,
                itl_buckets=[(0.01, 0), (0.025, n)],
            )
            for label, n in (("0", 100), ("1", 60))
        },
        2000,
        ["preemptions", "computed prompt tokens", "TTFT", "queue time", "prefix cache hits"],
    ),
    "sglang-0.5.10.txt": (
        "SGLang",
        {
            "0": EngineSample(
                running=8,
                waiting=2,
                kv_usage=0.4,
                prompt_tokens=900,
                generation_tokens=300,
                finished=9,
                ttft_sum_s=1.2,
                ttft_count=9,
                ttft_buckets=[(0.1, 3), (0.2, 9)],
                itl_sum_s=1.6,
                itl_count=290,
                itl_buckets=[(0.002, 0), (0.004, 0), (0.006, 280)],
            ),
            "1": EngineSample(running=8, waiting=2, kv_usage=0.4),
        },
        10000,
        ["preemptions", "step count", "computed prompt tokens", "queue time", "prefix cache hits"],
    ),
    "tgi-3.3.txt": (
        "TGI",
        {
            "0": EngineSample(
                running=6,
                waiting=2,
                prompt_tokens=2200,
                generation_tokens=1100,
                finished=11,
                queue_sum_s=0.55,
                queue_count=11,
                step_sum_s=4,
                step_count=200,
            )
        },
        None,
        ["KV cache usage", "preemptions", "step count", "computed prompt tokens", "TTFT", "prefix cache hits"],
    ),
    "tensorrt-llm-1.2.txt": (
        "TensorRT-LLM",
        {
            "0": EngineSample(
                running=7,
                waiting=1,
                kv_usage=0.31,
                prompt_tokens=50,
                generation_tokens=70,
                finished=5,
                ttft_sum_s=1,
                ttft_count=5,
                ttft_buckets=[(0.1, 2), (0.5, 5)],
            )
        },
        None,
        ["preemptions", "step time", "step count", "computed prompt tokens", "queue time", "prefix cache hits"],
    ),
    "triton-trtllm.txt": (
        "TensorRT-LLM (Triton)",
        {"0": EngineSample(running=6, waiting=2, kv_usage=0.25)},
        None,
        ["preemptions", "step time", "step count", "computed prompt tokens", "output tokens", "TTFT", "queue time",
         "prefix cache hits"],
    ),
    "llama-cpp.txt": (
        "llama.cpp",
        {
            "0": EngineSample(
                running=2, waiting=1, prompt_tokens=120, generation_tokens=300, itl_sum_s=9, itl_count=300
            )
        },
        None,
        ["KV cache usage", "preemptions", "step count", "computed prompt tokens", "TTFT", "queue time",
         "prefix cache hits"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_a_servers_metrics(name: str) -> None:
    kind, engines, tokens, absent = EXPECTED[name]
    read = read_metrics(dump(name))
    assert read is not None
    assert (read.kind.title, read.engines, read.kv_cache_tokens) == (kind, engines, tokens)
    assert why_partly(read) == f"{kind} shows no {', no '.join(absent)}"


def test_a_new_vllm_lacks_nothing() -> None:
    read = read_metrics(dump("vllm-0.25.1.txt"))
    assert read is not None
    assert why_partly(read) is None


@pytest.mark.parametrize("name", sorted(EXPECTED.keys() - {"vllm-0.12-dp2.txt"}))  # its newer names come after older
def test_cut_anywhere_it_never_raises_nor_shows_a_value_that_was_not_there(name: str) -> None:
    whole = dump(name)
    truth = read_metrics(whole)
    assert truth is not None
    for end in range(0, len(whole), 11):
        read = read_metrics(whole[:end])
        for label, engine in (read.engines if read else {}).items():
            for field in ("running", "itl_count", "generation_tokens", "step_count"):
                assert getattr(engine, field) in (None, getattr(truth.engines[label], field))


def test_a_page_of_five_megabytes_and_of_endless_engines_is_read() -> None:
    lines = (f'vllm:num_requests_running{{engine="{i}",model_name="{"x" * 60}"}} 1\n' for i in range(50_000))
    text = "".join(lines)
    assert len(text) > 5e6
    read = read_metrics(text)
    assert read is not None
    assert len(read.engines) == 1024


def test_hostile_labels_stay_labels() -> None:
    text = 'vllm:num_requests_running{engine="\\"} 9\\n\x1b[2J",le="x"} 1\nvllm:num_requests_running{engine="1" 7\n'
    read = read_metrics(text)
    assert read is not None
    assert list(read.engines.values()) == [EngineSample(running=1)]


@pytest.mark.parametrize("le", ["", "x", "nan", "+Inf", "1e999"])
def test_a_bucket_without_a_finite_bound_is_left_out(le: str) -> None:
    read = read_metrics(f'vllm:inter_token_latency_seconds_bucket{{le="{le}"}} 1\nvllm:num_requests_running 1\n')
    assert read is not None
    assert read.engines["0"].itl_buckets == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        *((f"{kind.prefixes[0]}something_new 1\n", f"none of {kind.title}'s metrics") for kind in KINDS),
        ("process_open_fds 1\n", "no metrics of a known server"),
        ("<!DOCTYPE html><p>hi", "web page"),
        ("", "no metrics of a known server"),
    ],
)
def test_why_there_is_nothing(text: str, words: str) -> None:
    assert read_metrics(text) is None
    assert words in why_nothing(text)
