"""How much context fits beside the weights: what decides how large a batch can become."""

from __future__ import annotations

from regime.model import ModelShape

UTILISATION = 0.92
"""Share of a GPU's memory that vLLM takes unless told otherwise (0.25.1; 0.90 in older versions)."""
RESERVED_BYTES = 2.1e9
"""Activations and CUDA graphs of one GPU: what vLLM 0.25.1 with Llama-3.1-8B left unused on an H200. Small models
with short prompts on small cards need 0.35 to 1 GiB."""


def kv_room_tokens(
    memory_bytes: float,
    model: ModelShape,
    tp: int = 1,
    utilisation: float = UTILISATION,
    reserved_bytes: float = RESERVED_BYTES,
) -> float:
    """Tokens of context that fit on ``tp`` GPUs of ``memory_bytes`` each; 0 where not even the weights fit.

    Every layer is taken to keep all of its context: with sliding windows more fits, as servers that know of them
    show in ``kv_cache_size_tokens``. The states of linear layers are left out.
    """
    left = memory_bytes * utilisation - reserved_bytes - model.weight_bytes(tp) / tp
    return max(0.0, left / model.kv_bytes_per_gpu(tp))


def room_words(tokens: float, context: float) -> str:
    """Say how many sequences of ``context`` tokens a cache of ``tokens`` holds."""
    if context <= 0:
        return f"the KV cache holds {tokens:,.0f} tokens"
    return f"the KV cache holds {tokens:,.0f} tokens: {tokens / context:,.0f} sequences of {context:,.0f}"
