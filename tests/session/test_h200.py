"""Sessions recorded on real H200s: vLLM 0.25.1, Llama-3.1-8B's shape in bf16 with random weights, TP 1, 2 and 4."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from session.playback import fold_file
from session.view import Snapshot, mark_of

RECORDINGS = Path(__file__).parents[1] / "data" / "recordings"


def load(folder: Path, tp: int) -> Snapshot:
    path = folder / f"tp{tp}.rooftop"
    path.write_bytes(gzip.decompress((RECORDINGS / f"h200-llama-3.1-8b-tp{tp}.rooftop.gz").read_bytes()))
    return fold_file(path).snapshot()


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return load(tmp_path_factory.mktemp("h200"), 1)


def test_the_transition_from_memory_to_compute_shows(snapshot: Snapshot) -> None:
    steps = {level.concurrency: level.verdict.step for level in snapshot.levels}
    assert steps == {1: "memory", 4: "memory", 16: "memory", 64: "memory", 256: "compute+memory", 512: "compute"}


def test_busy_says_nothing_while_dram_and_tensor_activity_cross(snapshot: Snapshot) -> None:
    readings = [level.gpus[0].reading for level in snapshot.levels]
    assert all(reading.util_pct is not None and reading.util_pct > 98 for reading in readings)
    dram = [reading.dram_pct or 0.0 for reading in readings]
    tensor = [reading.tensor_pct or 0.0 for reading in readings]
    assert dram[0] > 60 > 40 > dram[-1]
    assert tensor[0] < 5 < 50 < tensor[-1]


def test_counters_and_arithmetic_agree_where_memory_decides(snapshot: Snapshot) -> None:
    for level in snapshot.levels[:4]:
        measured, modelled = level.verdict.measured, level.verdict.modelled
        assert measured is not None
        assert modelled is not None
        assert modelled.memory == pytest.approx(measured.memory, abs=0.05)


def test_levels_say_how_far_they_can_be_trusted(snapshot: Snapshot) -> None:
    """Twelve seconds judge a server that answers in 1 to 2 s; at 512, where an answer takes 7 s, they say little."""
    found = {level.concurrency: level.trust for level in snapshot.levels}
    assert all(trust is not None for trust in found.values())
    assert {n: mark_of(trust) for n, trust in found.items()} == {
        1: None, 4: None, 16: None, 64: None, 256: "unknown", 512: "short",
    }  # fmt: skip
    for n in (1, 4, 16, 64):
        error = found[n].output_error  # type: ignore[union-attr]
        assert error is not None
        assert error < 0.03
    assert all("hold it" in found[n].reason for n in (256, 512))  # type: ignore[union-attr]


def test_a_lone_stream_is_as_fast_as_its_gaps_say(snapshot: Snapshot) -> None:
    """One stream, no queue: tokens/s is the tokens of a request over its stay; a way that asks no tick."""
    level = snapshot.levels[0]
    assert level.latencies.e2e.mean is not None
    assert level.rates.output_tok_s == pytest.approx(256 / level.latencies.e2e.mean, rel=0.01)
    assert level.latencies.ttft.p99 is not None
    assert level.latencies.ttft.p99 < 0.012, "the cold server's first, 23 ms, is in the warm-up"


@pytest.mark.parametrize(("tp", "concurrency"), [(2, 256), (4, 256)])
def test_chunks_of_several_tokens_do_not_inflate_a_level(tmp_path: Path, tp: int, concurrency: int) -> None:
    """In these levels the server put now one token into a chunk and now ten; the client cannot have seen more tokens
    than its streams and their pace give."""
    level = load(tmp_path, tp).levels[-1]
    assert level.concurrency == concurrency
    assert level.latencies.e2e.mean is not None
    assert level.rates.output_tok_s == pytest.approx(256 * concurrency / level.latencies.e2e.mean, rel=0.08)


def test_every_token_was_counted(snapshot: Snapshot) -> None:
    assert snapshot.output_tokens == 672_000 == 256 * snapshot.requests
    assert snapshot.server.generation_tokens_total == pytest.approx(672_000, rel=0.01)
    assert not snapshot.errors


def test_the_client_was_not_the_limit(snapshot: Snapshot) -> None:
    assert not snapshot.client.limited
    assert all(level.verdict.step is not None for level in snapshot.levels)


def test_four_gpus_wait_for_small_kernels_and_for_each_other(tmp_path: Path) -> None:
    levels = load(tmp_path, 4).levels[:3]
    assert [level.verdict.step for level in levels] == ["latency"] * 3
    for level in levels:
        shares, modelled = level.verdict.shares, level.verdict.modelled
        assert shares is not None
        assert modelled is not None
        assert shares.communication > 0.1
        assert shares.memory == pytest.approx(modelled.memory, abs=0.05)
        assert len(level.gpus) == 4
        assert all((gpu.reading.nvlink_tx_bytes_s or 0) > 5e8 for gpu in level.gpus)


def test_the_host_shows_where_four_gpus_wait_for_it(tmp_path: Path) -> None:
    shares = load(tmp_path, 4).levels[-1].verdict.shares
    assert shares is not None
    assert shares.overhead > 0.15


def test_gpus_that_the_server_does_not_use_are_not_judged(tmp_path: Path) -> None:
    for level in load(tmp_path, 2).levels[:3]:
        assert len(level.gpus) == 4
        assert level.gpus[3].reading.graphics_pct == pytest.approx(0, abs=1)
        assert level.verdict.step == "memory+latency"
