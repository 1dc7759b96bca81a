from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

from sim.config import SimConfig
from sim.steps import step
from tests.sim.conftest import Api

ASK: dict[str, Any] = {"model": "llama-3.1-8b", "prompt": [11, 12, 13, 14], "max_tokens": 5, "ignore_eos": True}
STREAM = {**ASK, "stream": True, "stream_options": {"include_usage": True}}


async def _stream(api: Api, body: dict[str, Any], path: str = "completions") -> list[Any]:
    async with api.session.post(f"{api.url}/v1/{path}", json=body) as response:
        assert response.status == 200
        assert response.headers["Server"] == "rooftop-sim"
        assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        events = (await response.text()).split("\n\n")
    assert events[-2:] == ["data: [DONE]", ""]
    return [json.loads(event.removeprefix("data: ")) for event in events[:-2]]


async def test_a_streamed_completion(api: Api) -> None:
    *tokens, usage = await _stream(api, STREAM)
    assert [t["choices"][0]["finish_reason"] for t in tokens] == [None] * 4 + ["length"]
    assert "".join(t["choices"][0]["text"] for t in tokens) == " the roof line rises until"
    assert {t["object"] for t in [*tokens, usage]} == {"text_completion"}
    assert usage["choices"] == []
    assert usage["usage"] == {"prompt_tokens": 4, "total_tokens": 9, "completion_tokens": 5}


async def test_without_include_usage_there_is_no_usage_chunk(api: Api) -> None:
    events = await _stream(api, {**ASK, "stream": True})
    assert len(events) == 5
    assert all(event["choices"] for event in events)


async def test_continuous_usage_counts_up(api: Api) -> None:
    options = {"include_usage": True, "continuous_usage_stats": True}
    events = await _stream(api, {**STREAM, "stream_options": options})
    assert [event["usage"]["completion_tokens"] for event in events] == [1, 2, 3, 4, 5, 5]


async def test_a_streamed_chat(api: Api) -> None:
    body = {**STREAM, "messages": [{"role": "user", "content": "hello"}]}
    del body["prompt"]
    role, *tokens, usage = await _stream(api, body, "chat/completions")
    assert role["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert [t["choices"][0]["delta"]["content"] for t in tokens] == [" the", " roof", " line", " rises", " until"]
    assert tokens[-1]["choices"][0]["finish_reason"] == "length"
    assert usage["usage"]["completion_tokens"] == 5
    assert role["object"] == "chat.completion.chunk"


async def test_a_single_token_opens_and_closes_the_stream(api: Api) -> None:
    token, usage = await _stream(api, {**STREAM, "max_tokens": 1})
    assert token["choices"][0]["finish_reason"] == "length"
    assert usage["usage"]["completion_tokens"] == 1


@pytest.mark.parametrize("prompt", ["some text to count", [1, 2, 3], [[1, 2, 3]], ["one text"]])
async def test_whole_answers(api: Api, prompt: object) -> None:
    async with api.session.post(f"{api.url}/v1/completions", json={**ASK, "prompt": prompt}) as response:
        body = await response.json()
    assert body["choices"][0]["text"] == " the roof line rises until"
    assert body["usage"]["completion_tokens"] == 5
    assert body["usage"]["prompt_tokens"] >= 3


async def test_metrics_grow_by_what_was_sent(api: Api) -> None:
    before = await api.metrics()
    await asyncio.gather(*(_stream(api, {**STREAM, "prompt": [n, 2, 3, 4, 5], "max_tokens": 12}) for n in range(6)))
    after = await api.metrics()
    grown = {name: after[name] - before[name] for name in after}
    assert grown["generation_tokens_total"] == 72
    assert grown["prompt_tokens_total"] == 30
    assert grown['prompt_tokens_by_source_total{source="local_compute"}'] == 30
    assert grown['request_success_total{finished_reason="length"}'] == 6
    assert grown["time_to_first_token_seconds_count"] == 6
    assert grown["inter_token_latency_seconds_count"] == 66
    assert grown["iteration_tokens_total_sum"] == 102
    assert grown["request_time_per_output_token_seconds_count"] == 6
    assert after["num_requests_running"] == 0
    assert after["kv_cache_usage_perc"] == 0


async def test_histogram_buckets_are_cumulative(api: Api) -> None:
    await _stream(api, STREAM)
    samples = await api.metrics()
    buckets = [value for name, value in samples.items() if name.startswith("time_to_first_token_seconds_bucket")]
    assert len(buckets) == 23
    assert buckets == sorted(buckets)
    assert buckets[-1] == samples["time_to_first_token_seconds_count"] == 1


async def test_a_prompt_seen_before_is_cached(api: Api) -> None:
    body = {**STREAM, "prompt": list(range(100))}
    await _stream(api, body)
    await _stream(api, body)
    samples = await api.metrics()
    assert samples["prefix_cache_queries_total"] == 200
    assert samples["prefix_cache_hits_total"] == 96
    assert samples['prompt_tokens_by_source_total{source="local_cache_hit"}'] == 96


async def test_a_client_that_leaves_frees_its_slot(api: Api) -> None:
    response = await api.session.post(f"{api.url}/v1/completions", json={**STREAM, "max_tokens": 50_000})
    await response.content.readany()
    running = await api.until(lambda samples: samples["num_requests_running"] == 1)
    assert running["kv_cache_usage_perc"] > 0
    response.close()
    ended = await api.until(lambda samples: samples["num_requests_running"] == 0)
    assert ended['request_success_total{finished_reason="abort"}'] == 1
    assert ended["kv_cache_usage_perc"] == 0
    assert len(await _stream(api, STREAM)) == 6


@pytest.mark.parametrize(
    ("body", "status", "kind", "said"),
    [
        ({**ASK, "model": "gpt"}, 404, "NotFoundError", "The model `gpt` does not exist."),
        ({**ASK, "prompt": [1] * 131_072}, 400, "BadRequestError", "maximum context length is 131072 tokens"),
        ({**ASK, "max_tokens": 0}, 400, "BadRequestError", "max_tokens must be at least 1"),
        ({**ASK, "prompt": []}, 400, "BadRequestError", "prompt"),
        ({**ASK, "prompt": [[1], [2]]}, 400, "BadRequestError", "one prompt per request"),
        ({**ASK, "stream_options": {"include_usage": True}}, 400, "BadRequestError", "stream=True"),
        ([1], 400, "BadRequestError", "JSON object"),
    ],
)
async def test_errors(api: Api, body: object, status: int, kind: str, said: str) -> None:
    async with api.session.post(f"{api.url}/v1/completions", json=body) as response:
        assert response.status == status
        error = (await response.json())["error"]
    assert (error["type"], error["code"]) == (kind, status)
    assert said in error["message"]


async def test_bad_json(api: Api) -> None:
    async with api.session.post(f"{api.url}/v1/completions", data=b'{"model": ') as response:
        assert response.status == 400
        assert "JSON" in (await response.json())["error"]["message"]


async def test_the_small_routes(api: Api) -> None:
    async with api.session.get(f"{api.url}/v1/models") as response:
        (model,) = (await response.json())["data"]
    assert (model["id"], model["owned_by"], model["max_model_len"]) == ("llama-3.1-8b", "rooftop-sim", 131072)
    async with api.session.get(f"{api.url}/health") as response:
        assert response.status == 200
    async with api.session.get(f"{api.url}/version") as response:
        assert await response.json() == {"version": "0.25.1+rooftop.sim"}


async def test_gpus_idle_and_busy(api: Api) -> None:
    async def gpu() -> dict[str, Any]:
        async with api.session.get(f"{api.url}/sim/gpus") as response:
            body = await response.json()
        assert (body["simulated"], body["tp"]) == (True, 1)
        return dict(body["gpus"][0])

    idle = await gpu()
    assert idle["name"] == "NVIDIA H200 (simulated)"
    assert (idle["dram_pct"], idle["tensor_pct"], idle["graphics_pct"], idle["power_w"]) == (0, 0, 0, 120)
    await _stream(api, {**STREAM, "max_tokens": 60})
    busy = await gpu()
    assert busy["dram_pct"] > 20
    assert busy["power_w"] > 200
    assert busy["energy_j"] > idle["energy_j"]


async def test_tokens_come_at_the_pace_of_the_model(api: Api) -> None:
    config = SimConfig()
    expected = sum(step(config, 1, 0, 5 + n).seconds for n in range(99))
    async with api.session.post(f"{api.url}/v1/completions", json={**STREAM, "max_tokens": 100}) as response:
        await response.content.readuntil(b"\n\n")
        began = time.perf_counter()
        await response.content.read()
        took = time.perf_counter() - began
    assert took > 0.97 * expected
    assert took < 3 * expected  # a busy machine may stretch time, not much else
