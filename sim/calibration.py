"""Every fitted constant of the simulator, and the measurement it was fitted on.

Measured: vLLM 0.25.1, Llama-3.1-8B shape in BF16, CUDA graphs on, on one H200 (TP=1) and on four with NVLink
(TP=4); client-side times, and NVML GPM counters averaged over each load level. The rows are in
``tests/data/h200``. Fitted by hand on the decode rows (TPOT, DRAM, tensor, power, clock), on the prefill rows, and
where said on the TTFT of the recordings in ``tests/data/recordings``, whose client is known to be exact.
``python -m tests.sim.measured`` prints what was measured beside what is simulated. Other GPUs and models use the same
constants on their own peaks: plausible, not measured.
"""

from __future__ import annotations

DRAM_EFFICIENCY = 0.85
"""Of theoretical bandwidth while weights or KV stream (decode rows, 1 to 64)."""
FLOP_EFFICIENCY = 0.84
"""Of peak FLOP at the running clock, in the matrix multiplications alone (prefill of 4096 tokens, TP=1). The peak is
quoted at 1830 MHz and the clock reaches 1980: this is 0.78 of what the tensor pipes could do."""
ROOF_NORM = 3.0
"""Weights and arithmetic overlap as their p-norm: a hard maximum is 8 % too short at 128 and 256 sequences."""
FIXED_S = 1.2e-3
"""Launch gaps, tails and small kernels of a step with one rank, at Llama-3.1-8B's 32 layers (TPOT at 1)."""
FIXED_TP_S = 1.45e-3
"""The same with several ranks, beyond the all-reduces themselves (TP=4, 1 to 64)."""
FIXED_LAYERS = 32
"""Layers for which the two above hold; they scale with the model's layers."""
PER_SEQUENCE_S = 8.0e-6
"""GPU time per running sequence: sampling, and attention's work per sequence (TPOT from 8 to 128)."""
PER_PROMPT_TOKEN_S = 1.1e-6
"""GPU time per prompt token that more ranks do not divide, at 32 layers: norms, residuals, cache writes (prefill at
TP=4 against TP=1)."""

HOST_PER_SEQUENCE_S = 27e-6
"""Scheduler, detokeniser and API server, per sequence and step, in parallel with the GPU. One rank was never seen to
wait for it: TP=1 at 512 says no more than 38; TP=2 and 4 at 256 say this, with the next."""
HOST_PER_RANK_S = 6.7e-6
"""More of it for each further rank, whose worker process spins on the same host. At TP=4 and 256 sequences a step took
12 ms and the GPUs were busy 63 % of it; in the recordings, on an idler host, 8.6 ms and 79 %."""

ACTIVATION_BYTES_SPLIT = 70
"""DRAM traffic per prompt token and layer beside weights and KV, in rows of the hidden size at 16 bits, divided
over the ranks (DRAM activity of the prefill rows, TP=1 against TP=4)."""
ACTIVATION_BYTES_EACH = 20
"""The part of it that every rank pays."""
ACTIVATION_DECODE = 0.25
"""Share of that traffic that a decode token causes: small activations stay in L2 (DRAM activity, 128 to 512)."""
TENSOR_PER_FLOP = 1.08
"""Tensor-pipe activity per share of peak FLOP: tiles are padded (decode 16 to 128, prefill)."""
TENSOR_ATTENTION_PAD = 10.0
"""Decode attention fills few rows of its tiles (4 query heads of a group of 64 rows would be 16): tensor activity
over useful FLOP (tensor activity, 256 and 512)."""
TENSOR_MIN_TOKENS = 8
"""Smallest tile of tokens a matrix multiplication fills (tensor activity at 1 to 4 sequences)."""
GRAPHICS_MAX = 0.995
"""A kernel was resident this share of the time even when the GPU was the limit."""

POWER_BUSY_W = 170.0
"""W of a busy card before DRAM and tensor pipes do anything, for a 700 W card; scales with the power limit."""
POWER_DRAM_W = 385.0
"""W at full DRAM activity (same scaling)."""
POWER_TENSOR_W = 979.0
"""W at full tensor activity (same scaling)."""
POWER_KNEE = 680.0 / 700.0
"""Share of the power limit from which the clock falls."""
POWER_WINDOW_S = 0.1
"""The clock follows a mean of the power over about this long: a burst of prompts between decode steps runs at nearly
the full clock, a lasting prefill at 1520 MHz (clocks of decode 64 and prefill; steps of the recording at TP=1)."""
CLOCK_EXPONENT = 0.6
"""The clock falls as (knee / wanted power) to this power (clocks of the decode, prefill and mixed rows)."""
POWER_IDLE_W = 120.0
"""W of an idle H200 with a context (same scaling)."""

FRONT_END_PARSE_S = 0.5e-3
"""Per request, in the API server's event loop, before any that were read earlier get on: so a burst reaches the
scheduler together, and stays together (TTFT of the recordings at 64 and 256; TP=2 and 4 show it best)."""
FRONT_END_SERIAL_S = 0.3e-3
"""Per request, one after another: validation, hand-over (same)."""
FRONT_END_S = 5e-3
"""From the socket to the scheduler and back: HTTP, first detokenisation (TTFT at 1 request)."""
FRONT_END_PER_TOKEN_S = 1e-6
"""The same per prompt token: parsing token ids (TTFT against prompt length, TP=4)."""
