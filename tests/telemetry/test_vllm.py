"""Readings of real servers, and of every name that vLLM has given its metrics."""

from __future__ import annotations

import pathlib

import pytest

from session.events import EngineSample
from telemetry.families import read_kind
from telemetry.vllm import VLLM

DUMPS = pathlib.Path(__file__).parents[1] / "data" / "metrics"


def read_metrics(text: str) -> tuple[dict[str, EngineSample], float | None]:
    return read_kind(VLLM, text)


def dump(name: str) -> str:
    return (DUMPS / name).read_text(encoding="utf-8")


def test_vllm_0_25_on_a_gpu() -> None:
    engines, kv_cache_tokens = read_metrics(dump("vllm-0.25.1.txt"))
    ttft, itl = engines["0"].ttft_buckets, engines["0"].itl_buckets
    assert itl[:2] == [(0.01, 385766.0), (0.025, 834908.0)]
    assert (itl[-1], ttft[-1]) == ((0.75, 841134.0), (5.0, 3585.0))
    assert engines == {
        "0": EngineSample(
            running=0.0,
            waiting=0.0,
            waiting_capacity=0.0,
            waiting_deferred=0.0,
            kv_usage=0.0,
            preemptions=0.0,
            prefix_queries=1251456.0,
            prefix_hits=246768.0,
            prompt_tokens=1251456.0,
            prompt_computed=1004688.0,
            generation_tokens=844719.0,
            itl_sum_s=10639.532920731504,
            itl_count=841134.0,
            steps=15519.0,
            ttft_sum_s=1201.8267760276794,
            ttft_count=3585.0,
            finished=3585.0,
            queue_sum_s=185.76444699600478,
            queue_count=3585.0,
            flops=2.803388664460083e16,
            read_bytes=2.76430141997056e14,
            write_bytes=7.232831652864e12,
            ttft_buckets=ttft,
            itl_buckets=itl,
        )
    }
    assert kv_cache_tokens == 919824.0


def test_vllm_0_32_on_a_cpu() -> None:
    engines, kv_cache_tokens = read_metrics(dump("vllm-0.32.0-cpu.txt"))
    engine = engines["0"]
    assert (engine.prompt_computed, engine.generation_tokens, engine.finished) == (4.0, 6.0, 1.0)
    assert (engine.itl_sum_s, engine.itl_count, engine.steps) == (0.01648999899998671, 5.0, 6.0)
    assert kv_cache_tokens == 1048576.0


OLD = """\
vllm:num_requests_running{engine="0",model_name="m"} 3.0
vllm:gpu_cache_usage_perc{engine="0",model_name="m"} 0.25
vllm:gpu_prefix_cache_queries_total{engine="0",model_name="m"} 40.0
vllm:gpu_prefix_cache_hits_total{engine="0",model_name="m"} 10.0
vllm:time_per_output_token_seconds_sum{engine="0",model_name="m"} 2.5
vllm:time_per_output_token_seconds_count{engine="0",model_name="m"} 100.0
vllm:iteration_tokens_total_count{engine="0",model_name="m"} 50.0
vllm:cache_config_info{block_size="16",engine="0",num_gpu_blocks="100"} 1.0
"""


def test_names_of_vllm_0_8() -> None:
    engines, kv_cache_tokens = read_metrics(OLD)
    assert engines == {
        "0": EngineSample(
            running=3.0,
            kv_usage=0.25,
            prefix_queries=40.0,
            prefix_hits=10.0,
            itl_sum_s=2.5,
            itl_count=100.0,
            steps=50.0,
        )
    }
    assert kv_cache_tokens == 1600.0


def test_where_old_and_new_names_stand_together_the_new_ones_count() -> None:
    new = OLD.replace("time_per_output_token", "inter_token_latency").replace("2.5", "3.5")
    new = new.replace("gpu_cache_usage_perc", "kv_cache_usage_perc").replace("0.25", "0.5")
    for text in (OLD + new, new + OLD):
        engine = read_metrics(text)[0]["0"]
        assert (engine.itl_sum_s, engine.kv_usage) == (3.5, 0.5)


@pytest.mark.parametrize("suffix", ["", "_total"])
def test_counters_with_and_without_suffix(suffix: str) -> None:
    text = "".join(
        f"vllm:{name}{suffix}{{{labels}}} {value}\n"
        for name, labels, value in [
            ("num_preemptions", "", 1),
            ("prompt_tokens", "", 2),
            ("generation_tokens", "", 3),
            ("prefix_cache_queries", "", 4),
            ("prefix_cache_hits", "", 5),
            ("prompt_tokens_by_source", 'source="local_compute"', 6),
            ("prompt_tokens_by_source", 'source="local_cache_hit"', 70),
            ("request_success", 'finished_reason="stop"', 8),
            ("request_success", 'finished_reason="length"', 9),
        ]
    )
    assert read_metrics(text)[0]["0"] == EngineSample(
        preemptions=1,
        prompt_tokens=2,
        generation_tokens=3,
        prefix_queries=4,
        prefix_hits=5,
        prompt_computed=6,
        finished=17,
    )


def test_each_engine_is_told_apart_and_a_missing_label_is_engine_0() -> None:
    text = (
        'vllm:num_requests_running{model_name="m"} 1\nvllm:num_requests_running{engine="1"} 2\n'
        'vllm:cache_config_info{engine="0",kv_cache_size_tokens="10"} 1\n'
        'vllm:cache_config_info{engine="1",kv_cache_size_tokens="20"} 1\n'
    )
    engines, kv_cache_tokens = read_metrics(text)
    assert {label: engine.running for label, engine in engines.items()} == {"0": 1.0, "1": 2.0}
    assert kv_cache_tokens == 30.0


@pytest.mark.parametrize("value", ["None", "", "-1", "1e9", "9" * 99])
def test_a_cache_size_that_is_no_number_is_absent(value: str) -> None:
    text = f'vllm:cache_config_info{{num_gpu_blocks="{value}",block_size="16"}} 1\n'
    assert read_metrics(text) == ({}, None)


@pytest.mark.parametrize("name", ["vllm-0.25.1.txt", "vllm-0.32.0-cpu.txt"])
def test_cut_anywhere_it_never_raises_nor_shows_a_value_that_was_not_there(name: str) -> None:
    whole = dump(name)
    full = EngineSample.__struct_fields__
    truth = read_metrics(whole)[0]["0"]
    step = max(1, len(whole) // 400)
    for end in (*range(0, len(whole), step), *range(len(whole) - 40, len(whole))):
        for engine in read_metrics(whole[:end])[0].values():
            seen = {field for field in full if getattr(engine, field) is not None}
            for name in seen - {"finished"}:
                value, true = getattr(engine, name), getattr(truth, name)
                assert value == (true[: len(value)] if isinstance(value, list) else true)
