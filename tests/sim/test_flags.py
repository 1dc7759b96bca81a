"""States that a user can put the simulated server into."""

from __future__ import annotations

import argparse
import itertools
import time

import aiohttp
import pytest

from sim.config import SimConfig, SimConfigError
from sim.flags import add_conditions, words
from sim.server import start
from tests.sim.closed_loop import ClosedLoop, closed_loop


def _parse(*flags: str, prefix: str = "") -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_conditions(parser, prefix)
    return parser.parse_args(flags)


def test_flags_reach_the_process_as_they_were_said() -> None:
    said = _parse("--sim-slow", "1.15", "--sim-kv-tokens", "8192", "--sim-freeze", "20s:2.5s", prefix="sim-")
    assert (said.slow, said.kv_limit, said.freeze) == (1.15, 8192, (20.0, 2.5))
    assert _parse(*words(said)) == said
    assert words(_parse()) == []


@pytest.mark.parametrize(
    ("flag", "value"),
    [("--slow", "0"), ("--slow", "fast"), ("--slow", "1e9"), ("--kv-tokens", "100"), ("--kv-tokens", "-1"),
     ("--freeze", "5s"), ("--freeze", "5s:0s"), ("--freeze", "a:b")],
)  # fmt: skip
def test_nonsense_is_named(flag: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        _parse(flag, value)
    assert end.value.code == 2
    assert repr(value) in capsys.readouterr().err


@pytest.mark.parametrize(("changes", "said"), [({"slow": 0.0}, "slow"), ({"kv_limit": 16}, "1024")])
def test_a_configuration_that_makes_no_sense_is_refused(changes: dict[str, float], said: str) -> None:
    with pytest.raises(SimConfigError, match=said):
        SimConfig(**changes)  # type: ignore[arg-type]


def test_slow_shows_in_tpot_as_said() -> None:
    plain, slow = (closed_loop(SimConfig(slow=slow), 8, 128, 256, 24) for slow in (1.0, 1.15))
    assert plain.tpot_s is not None
    assert slow.tpot_s == pytest.approx(1.15 * plain.tpot_s, rel=0.01)
    assert slow.output_tok_s < 0.9 * plain.output_tok_s


def test_a_small_cache_makes_requests_wait_and_preempts() -> None:
    config = SimConfig(kv_limit=8192)
    assert config.kv_tokens == 8192 == config.model_len
    loop = ClosedLoop(config, 128, 256)
    crowded = loop.requests(64, 128)
    assert loop.scheduler.preemptions > 0
    assert loop.scheduler.kv_used == 0
    free = closed_loop(SimConfig(), 64, 128, 256, 128)
    assert crowded.ttft_s > 2 * free.ttft_s
    assert crowded.output_tok_s < 0.8 * free.output_tok_s


async def test_a_frozen_engine_sends_nothing_and_goes_on() -> None:
    """40 ms of work are eight or nine tokens; then nothing comes for as long as was said, and then the rest."""
    pause_s = 0.3
    runner, port = await start(SimConfig(freeze=(0.04, pause_s)), 0)
    body = {"prompt": [1, 2, 3], "max_tokens": 12, "ignore_eos": True, "stream": True}
    url = f"http://127.0.0.1:{port}/v1/completions"
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as response:
        times = [time.perf_counter() async for line in response.content if line.startswith(b"data: {")]
    await runner.cleanup()
    gaps = [later - sooner for sooner, later in itertools.pairwise(times)]
    assert len(times) == 12
    assert max(gaps) > 0.9 * pause_s
    assert gaps.index(max(gaps)) in (6, 7, 8)
