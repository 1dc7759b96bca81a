"""DRAM traffic of a whole window, its prompts too: what the counters see, and what the model says they should.

The budget is of a decode step; counters average over the wall, whatever ran. So the two are compared here, like with
like: bytes that the window's steps and prompts move, over what DRAM could have moved in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from regime.budget import DRAM_EFFICIENCY
from regime.evidence import Evidence
from regime.measured import Measured
from regime.model import ModelShape

AGREES_WITHIN = 0.05
REREAD = 1.75
"""A long prompt's activations are read again where tiles no longer find them in L2. Fitted: with the two rows of pure
prefill and those of prompts from 1,024 tokens in tests/data/h200, TP 1 and 4, DRAM moves 1.5 to 2.2 times what
:func:`activation_bytes` counts without it."""
_ATTENTION_PASSES = 3.2
"""Reads and writes of what the four projections make, rotary embedding, cache and attention itself, over their width:
6 H + 8 K head vectors against 2 H + 2 K, with four queries to a key."""
_FFN_PASSES = 2.0
"""Gate and up write 2 f, the activation reads them and writes f, down reads f: 6 f against a width of 3 f."""
_HIDDEN_PASSES = 12
"""Two norms with their residuals read two vectors and write two, and the four projections read or write one each."""
_REDUCED_PASSES = 4
"""Two all-reduces read a vector and write it."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Shares of the window's wall time, 0 to 1, that DRAM needs for what was moved."""

    measured: float
    """Of the rank that the others wait for."""
    modelled: float

    @property
    def agrees(self) -> bool:
        """Whether the two are within ``AGREES_WITHIN`` of each other."""
        return abs(self.measured - self.modelled) <= AGREES_WITHIN


def traffic(evidence: Evidence, measured: Measured | None) -> Traffic | None:
    """Compare; ``None`` where either side lacks something."""
    if measured is None or (modelled := modelled_share(evidence)) is None:
        return None
    return Traffic(measured.dram / DRAM_EFFICIENCY, modelled)


def modelled_share(evidence: Evidence) -> float | None:
    """Return the share of the window that the model's bytes take at what DRAM reaches.

    Steps that compute a prompt alone are steps too: they read the weights as any other.
    """
    peaks, model, batch = evidence.peaks, evidence.model, evidence.batch
    steps, window_s, prefill = evidence.steps, evidence.window_s, evidence.prefill_tokens_per_step
    if peaks is None or model is None or batch is None or not steps or not window_s or prefill is None:
        return None
    step = model.weight_bytes_per_step(batch + prefill, evidence.tp) / evidence.tp
    step += batch * model.kv_read_bytes_per_gpu(evidence.context_tokens or 0.0, evidence.tp)
    step += prefill * activation_bytes(model, evidence.tp)
    return steps * step / (DRAM_EFFICIENCY * peaks.bw_bytes_s * window_s)


def activation_bytes(model: ModelShape, tp: int) -> float:
    """Return the bytes that one rank moves for one prompt token besides weights, in 16 bits a number.

    Norms and residuals are whole on every rank; the rest divides. The few tokens of a decode step stay in L2 and
    count as nothing.
    """
    whole = model.layers * model.hidden * (_HIDDEN_PASSES + (_REDUCED_PASSES if tp > 1 else 0))
    attention = _ATTENTION_PASSES * model.layers * model.attention.params(model.hidden)
    ffn = _FFN_PASSES * model.ffn.active(model.hidden, model.layers)
    return REREAD * 2.0 * (whole + (attention + ffn) / model.hidden / tp)
