"""The verdict in plain words: one line, and up to three lines with the numbers behind it."""

from __future__ import annotations

from regime.budget import COMPUTE_EFFICIENCY, DRAM_EFFICIENCY, ridge_batch
from regime.evidence import Evidence
from regime.measured import Measured
from regime.modelled import Modelled, missing_inputs
from regime.precision import peak_flops
from regime.shares import Shares

_DOES = {
    "memory": "moves weights and KV from DRAM",
    "compute": "is tensor arithmetic",
    "communication": "is all-reduces between the GPUs",
    "latency": "is small kernels that saturate nothing",
    "overhead": "leaves the GPU empty, waiting for the host",
}
_MODEL_REST = "is neither memory, arithmetic nor all-reduces: small kernels, or the host"


def step_line(label: str, shares: Shares, *, measured: bool, decode: bool) -> str:
    """Say what a step waits for; ``decode`` if prompts play no part worth naming."""
    step = "each decode step" if decode else "each step"
    if label == "balanced":
        return f"balanced at the ridge: DRAM and tensor pipes are both near what {step} can ask of them"
    parts = label.split("+")
    share = dict(shares.ranked())
    first, *others = parts
    text = f"{share[first]:.0%} of {step} {_does(first, measured=measured)}"
    text += "".join(f", {share[other]:.0%} {_does(other, measured=measured)}" for other in others)
    return _percent(f"{label}-bound: {text}")


def cannot_tell(evidence: Evidence) -> str:
    """Say what would be needed."""
    counters = evidence.gpus_missing or ("GPU counters are incomplete" if evidence.gpus else "no GPU is read")
    lacking = missing_inputs(evidence)
    if not lacking:
        return f"cannot tell: {counters}"
    return f"cannot tell: {counters}, and the model lacks {_listed(lacking)}"


def counter_line(measured: Measured, evidence: Evidence) -> str:
    """The counters of the rank the others wait for."""
    which = f" (GPU {measured.gpu.index}, the fullest of {len(evidence.gpus)})" if len(evidence.gpus) > 1 else ""
    text = f"DRAM {measured.dram:.0%} of peak, tensor pipes {measured.tensor:.0%}, kernels {measured.graphics:.0%}"
    return _percent(text + which)


def model_line(modelled: Modelled, evidence: Evidence) -> str:
    """The largest term of the budget, and what it was computed from."""
    budget, model, peaks = modelled.budget, evidence.model, evidence.peaks
    assert model is not None
    assert peaks is not None
    cards = f"{evidence.tp} x " if evidence.tp > 1 else ""
    terms = {
        "weight traffic": budget.weights_s if budget.weights_s >= budget.gemm_s else 0.0,
        "KV traffic": budget.kv_s if budget.kv_s >= budget.attention_s else 0.0,
        "arithmetic": budget.compute_s,
        "all-reduces": budget.communication_s,
    }
    name = max(terms, key=lambda key: terms[key])
    if name == "arithmetic":
        tokens = f"{(evidence.batch or 0.0) + (evidence.prefill_tokens_per_step or 0.0):.0f} tokens"
        rate = f"{peak_flops(peaks, model.precision.compute) / 1e12:.0f} TFLOP/s"
        given = f"{tokens}, {cards}{rate} at {COMPUTE_EFFICIENCY:.0%}"
        given += f", clock {modelled.clock_ratio:.0%}" if modelled.clock_ratio < 0.995 else ""
    elif name == "all-reduces":
        given = f"{2 * model.layers} over {evidence.tp} GPUs"
    else:
        given = f"{model.total_params / 1e9:.2f} B parameters, {_dtype(model.bytes_per_weight)}"
        given += f", {cards}{peaks.bw_bytes_s / 1e12:.2f} TB/s at {DRAM_EFFICIENCY:.0%}"
    said = f"model: {terms[name] * 1e3:.2f} of {modelled.step_s * 1e3:.2f} ms is {name} ({given})"
    return _percent(said + (f"; {evidence.sources}" if evidence.sources else ""))


def batch_line(evidence: Evidence) -> str | None:
    """Where the batch stands against the ridge, or how large it is."""
    if evidence.batch is None:
        return None
    prefill = evidence.prefill_tokens_per_step or 0.0
    text = f"batch {evidence.batch:.0f}" + (f" + {prefill:.0f} prompt tokens" if prefill >= 1 else "")
    if evidence.peaks is None or evidence.model is None:
        return text
    return f"{text} of ridge {ridge_batch(evidence.peaks, evidence.model):.0f}"


def _does(cause: str, *, measured: bool) -> str:
    return _MODEL_REST if cause == "overhead" and not measured else _DOES[cause]


def _dtype(size: float) -> str:
    return "bf16" if size == 2 else "fp32" if size == 4 else f"{size * 8:.0f}-bit"


def _listed(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def _percent(text: str) -> str:
    """``76%`` as ``76 %``."""
    return text.replace("%", " %")
