"""A recording of format 2 as it was first written, on a real H200: every later version reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from session.index import Index
from session.playback import ReplaySession
from session.whole import final_state

GOLDEN = Path(__file__).parents[1] / "data" / "recordings" / "h200-llama-3.1-8b-format2.rooftop"


def test_its_figures_are_what_was_printed_then() -> None:
    snapshot = final_state(GOLDEN).snapshot()
    assert (snapshot.header.format, snapshot.ended, snapshot.unread, snapshot.lost) == (2, "done", 0, ())
    assert [level.concurrency for level in snapshot.levels] == [1, 8, 64, 256, 512]
    rates = [level.rates.output_tok_s for level in snapshot.levels]
    assert rates == pytest.approx([205, 1558, 9294, 16786, 19184], rel=0.005)
    tpots = [level.latencies.tpot.p50 for level in snapshot.levels]
    assert tpots == pytest.approx([4.85e-3, 5.03e-3, 6.16e-3, 13.18e-3, 24.53e-3], rel=0.005)
    steps = [level.verdict.step for level in snapshot.levels]
    assert steps == ["memory", "memory", "memory", "compute", "compute"]
    assert [level.requests for level in snapshot.levels] == [13, 103, 633, 1216, 1287]


def test_no_second_has_more_tokens_than_the_gpu_can_make() -> None:
    """512 in flight at 20 ms a step are 26,000 tokens/s; a flood held up by the network may double one second."""
    series = final_state(GOLDEN).snapshot().series
    assert max(point.output_tok_s or 0.0 for point in series) < 2 * 26_000


def test_it_has_an_index_and_any_instant_comes_from_it() -> None:
    index = Index.open(GOLDEN)
    assert len(index.chunks) >= 2
    assert index.lost == []
    index.close()
    replay = ReplaySession(GOLDEN)
    replay.play_pause()
    replay.seek(40.0)
    while (snapshot := replay.refresh()).reading is not None:
        pass
    assert (snapshot.now_s, snapshot.concurrency) == (40.0, 64)
    replay.close()
