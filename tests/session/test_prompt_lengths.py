"""TP 1, 2 and 4 on H200s with NVLink, prompts of 512 to 32,768 tokens: does a smaller TP overtake a larger one?"""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from session.playback import fold_file
from session.view import LevelView

RECORDINGS = Path(__file__).parents[1] / "data" / "recordings" / "prompt-lengths"
LENGTHS = (512, 2048, 8192, 16384, 32768)


@pytest.fixture(scope="module")
def levels(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[int, int], LevelView]:
    """By TP and prompt length, with one request in flight."""
    path = tmp_path_factory.mktemp("lengths") / "a.rooftop"
    found: dict[tuple[int, int], LevelView] = {}
    for tp in (1, 2, 4):
        for length in LENGTHS:
            path.write_bytes(gzip.decompress((RECORDINGS / f"tp{tp}-{length}.rooftop.gz").read_bytes()))
            found[tp, length] = fold_file(path).snapshot().levels[0]
    return found


def ttft_s(level: LevelView) -> float:
    assert level.latencies.ttft.p50 is not None
    return level.latencies.ttft.p50


def test_the_curves_of_tp_2_and_4_part_with_longer_prompts_and_do_not_cross(
    levels: dict[tuple[int, int], LevelView],
) -> None:
    advantage = [ttft_s(levels[2, length]) / ttft_s(levels[4, length]) for length in LENGTHS]
    assert advantage == sorted(advantage)
    assert 1.1 < advantage[0] < advantage[-1] < 2
    for length in LENGTHS:
        tpot = [levels[tp, length].latencies.tpot.p50 or 0.0 for tp in (1, 2, 4)]
        assert tpot[0] > tpot[1] > tpot[2] > 0


def test_a_gpu_gives_most_alone(levels: dict[tuple[int, int], LevelView]) -> None:
    for length in LENGTHS[:4]:
        per_gpu = [(levels[tp, length].rates.output_tok_s or 0.0) / tp for tp in (1, 2, 4)]
        assert per_gpu[0] > per_gpu[1] > per_gpu[2] > 0


def test_long_prompts_make_one_gpu_compute_bound_and_four_wait_for_small_kernels(
    levels: dict[tuple[int, int], LevelView],
) -> None:
    assert levels[1, 512].verdict.step == "memory"
    assert levels[1, 32768].verdict.step == "compute"
    assert levels[4, 512].verdict.step == "latency"
