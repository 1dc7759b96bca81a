"""What was measured on real H200s beside what the simulator makes of the same load.

``python -m tests.sim.measured`` prints it all. Two sources: the rows in ``tests/data/h200`` that the constants were
fitted on, and the levels of the sessions in ``tests/data/recordings``.
"""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from regime.evidence import Evidence, GpuEvidence
from regime.model_table import MODELS
from regime.verdict import judge
from session.playback import fold_file
from session.view import GpuView, LevelView
from sim.config import SimConfig
from tests.regime.rows import DATA, Row, evidence_of, rows
from tests.sim.closed_loop import ClosedLoop, Level, closed_loop

SHAPE = MODELS["llama-3.1-8b"]
RELATIVE = ("tok/s", "TTFT ms", "TPOT ms", "power W", "clock MHz")
POINTS = ("DRAM %", "tensor %", "kernels %")


@dataclass(frozen=True)
class Case:
    """One load level, measured and simulated; ``None`` where there is no such quantity."""

    source: str
    """``rows`` or ``recording``."""
    workload: str
    tp: int
    concurrency: int
    prompt: int
    measured: dict[str, float | None]
    simulated: dict[str, float | None]
    verdicts: tuple[str | None, str | None]
    """What limits a step: by the measured counters, and by the simulated ones."""

    @property
    def name(self) -> str:
        """Such as ``decode-tp1-c64-128``."""
        return f"{self.workload}-tp{self.tp}-c{self.concurrency}-{self.prompt}"

    def error(self, quantity: str) -> float | None:
        """Simulated against measured: a share of the measured value, or points where it is a percentage."""
        measured, simulated = self.measured[quantity], self.simulated[quantity]
        if measured is None or simulated is None:
            return None
        return simulated - measured if quantity in POINTS else simulated / measured - 1.0


@cache
def row_cases() -> tuple[Case, ...]:
    """Every row of both CSV files."""
    return tuple(_row_case(row) for tp in (1, 4) for row in rows(tp))


@cache
def recorded_cases(tp: int) -> tuple[Case, ...]:
    """Every level of the session recorded at ``tp``; the simulator goes through the same ramp."""
    loop = ClosedLoop(SimConfig(tp=tp), 128, 256)
    return tuple(_level_case(tp, view, loop.hold(view.concurrency, view.duration_s)) for view in _recorded(tp))


def computed_share(row: Row) -> float:
    """Share of the prompt tokens that the real server computed rather than found in its prefix cache.

    From its FLOP counter: what is left of ``delta_flops_per_gpu`` after the decoded tokens, over what the prompts
    would have cost. The same prompts came back at every level, and the server caches them in blocks of 16.
    """
    prompt, output, requests = (int(row[name]) for name in ("prompt_tokens_each", "output_tokens_each", "requests"))
    decoded = (output - 1) * SHAPE.flops_per_token(prompt + output / 2)
    left = float(row["delta_flops_per_gpu"]) * int(row["tp"]) / requests - decoded
    prefill = prompt * (SHAPE.gemm_flops_per_token(head=False) + SHAPE.attention_flops_per_token(prompt / 2))
    return min(1.0, max(0.0, left / prefill))


def _row_case(row: Row) -> Case:
    tp, concurrency, requests = int(row["tp"]), int(row["concurrency"]), int(row["requests"])
    prompt, output = int(row["prompt_tokens_each"]), int(row["output_tokens_each"])
    held = (prompt - 1) // 16 * 16 / prompt
    cached = (1 - computed_share(row)) / held if row["workload"] == "decode" else 0.0
    level = closed_loop(SimConfig(tp=tp), concurrency, prompt, output, requests, cached)
    # the steady window of the short rows holds few requests, and where it cuts them decides its rate
    whole = requests * output / float(row["wall_s"])
    measured: dict[str, float | None] = {
        "tok/s": float(row["output_tok_s"]) if row["workload"] in ("decode", "mixed") else whole,
        "TTFT ms": float(row["ttft_p50_ms"]),
        "TPOT ms": float(row["tpot_p50_ms"]) if row["tpot_p50_ms"] else None,
        "power W": float(row["power_w"]),
        "clock MHz": float(row["sm_clock_mhz"]),
        "DRAM %": float(row["dram_bw_util_pct"]),
        "tensor %": float(row["tensor_util_pct"]),
        "kernels %": float(row["graphics_util_pct"]),
    }
    evidence = evidence_of(row)
    verdicts = judge(evidence).step, judge(_simulated_evidence(evidence, level)).step
    return Case("rows", row["workload"], tp, concurrency, prompt, measured, _simulated(level), verdicts)


def _level_case(tp: int, view: LevelView, level: Level) -> Case:
    gpu = _busiest(view.gpus)
    latencies = view.latencies
    measured: dict[str, float | None] = {
        "tok/s": view.rates.output_tok_s,
        "TTFT ms": None if latencies.ttft.p50 is None else latencies.ttft.p50 * 1e3,
        "TPOT ms": None if latencies.tpot.p50 is None else latencies.tpot.p50 * 1e3,
        "power W": gpu.reading.power_w,
        "clock MHz": gpu.reading.sm_clock_mhz,
        "DRAM %": gpu.reading.dram_pct,
        "tensor %": gpu.reading.tensor_pct,
        "kernels %": gpu.reading.graphics_pct,
    }
    evidence = Evidence(
        peaks=SimConfig().peaks,
        model=SHAPE,
        tp=tp,
        batch=view.server.batch,
        running=view.server.running,
        waiting=0.0,
        context_tokens=256.0,
        prefill_tokens_per_step=None if view.server.batch is None else view.server.batch * 128 / 256,
        concurrency=view.concurrency,
    )
    verdicts = view.verdict.step, judge(_simulated_evidence(evidence, level)).step
    return Case("recording", "decode", tp, view.concurrency, 128, measured, _simulated(level), verdicts)


def _simulated(level: Level) -> dict[str, float | None]:
    return {
        "tok/s": level.output_tok_s,
        "TTFT ms": level.ttft_s * 1e3,
        "TPOT ms": None if level.tpot_s is None else level.tpot_s * 1e3,
        "power W": level.power_w,
        "clock MHz": level.clock_ratio * 1980,
        "DRAM %": level.dram * 100,
        "tensor %": level.tensor * 100,
        "kernels %": level.graphics * 100,
    }


def _simulated_evidence(measured: Evidence, level: Level) -> Evidence:
    """The measured window with the simulated counters and step time in it."""
    gpu = GpuEvidence(0, level.graphics, level.dram, level.tensor, level.link_bytes_s, level.clock_ratio)
    return replace(measured, gpus=(gpu,), step_s=level.tpot_s)


def _busiest(gpus: tuple[GpuView, ...]) -> GpuView:
    return max(gpus, key=lambda gpu: gpu.reading.graphics_pct or 0.0)


def _recorded(tp: int) -> tuple[LevelView, ...]:
    packed = DATA.parent / "recordings" / f"h200-llama-3.1-8b-tp{tp}.rooftop.gz"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "session.rooftop"
        path.write_bytes(gzip.decompress(packed.read_bytes()))
        return tuple(fold_file(path).snapshot().levels)


def _lines(cases: tuple[Case, ...]) -> Iterator[str]:
    for case in cases:
        cells = [f"{case.name:22}"]
        for quantity in (*RELATIVE, *POINTS):
            measured, simulated, error = case.measured[quantity], case.simulated[quantity], case.error(quantity)
            if measured is None or simulated is None or error is None:
                cells.append("–".center(22))
                continue
            off = f"{error:+.0f} pt" if quantity in POINTS else f"{error:+.0%}"
            cells.append(f"{measured:8.5g} {simulated:7.4g} {off:>5}")
        yield "  ".join([*cells, " / ".join(str(verdict) for verdict in case.verdicts)])


def main() -> None:
    """Print all cases: measured, simulated, error; at the end what limits a step, measured / simulated."""
    print(" " * 22, "  ".join(quantity.center(22) for quantity in (*RELATIVE, *POINTS)))
    for title, cases in (
        ("rows", row_cases()),
        *((f"recording, TP={tp}", recorded_cases(tp)) for tp in (1, 2, 4)),
    ):
        print(title)
        print("\n".join(_lines(cases)))


if __name__ == "__main__":
    main()
