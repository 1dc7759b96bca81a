"""What one layer's attention costs: grouped-query attention, and latent attention (MLA)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GroupedQuery:
    """``heads`` queries share ``kv_heads`` keys and values (Ainslie et al. 2023); some layers may see a window only."""

    heads: int
    kv_heads: int
    head_dim: int
    window: int | None = None
    """Tokens that a sliding layer sees; ``None``: every layer sees all."""
    sliding: float = 0.0
    """Share of the layers that slide, 0 to 1."""
    gated: bool = False
    """A gate as wide as the queries multiplies the output (Qwen3-Next)."""

    def params(self, hidden: int) -> float:
        """Parameters of one layer's four projections: h (H + 2 K) d + H d h; and h H d for a gate."""
        return float(hidden * ((3 if self.gated else 2) * self.heads + 2 * self.kv_heads) * self.head_dim)

    def repeated_params(self, hidden: int, tp: int) -> float:
        """Parameters that all ranks together hold more than once: keys' and values' once heads are too few."""
        return 2.0 * hidden * self.head_dim * max(0, tp - self.kv_heads)

    def seen(self, context: float) -> float:
        """Tokens of ``context`` that a layer sees, the mean over the layers.

        Chunked layers (Llama 4) count as sliding ones: what they see is at most the chunk.
        """
        if self.window is None:
            return context
        return (1.0 - self.sliding) * context + self.sliding * min(context, self.window)

    def kv_numbers(self) -> float:
        """Numbers in the cache for one token in one layer: 2 K d."""
        return 2.0 * self.kv_heads * self.head_dim

    def kv_share(self, tp: int) -> float:
        """Share of them on one rank; KV heads are repeated once they are fewer than ranks."""
        return max(self.kv_heads / tp, 1.0) / self.kv_heads

    def state_bytes(self) -> float:
        """Bytes that a step moves for a sequence whatever its context: none."""
        return 0.0

    def flops(self, context: float, *, prompt: bool = False) -> float:
        """FLOP of one layer for one token: 4 H d for each token that it sees."""
        del prompt
        return 4.0 * self.heads * self.head_dim * self.seen(context)


@dataclass(frozen=True, slots=True)
class Latent:
    """Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434): one compressed vector a token for all heads."""

    heads: int
    kv_rank: int
    """``kv_lora_rank``, c."""
    rope_dim: int
    """``qk_rope_head_dim``, r: the rotary part of the key, shared by all heads."""
    nope_dim: int
    """``qk_nope_head_dim``, n."""
    v_dim: int
    """``v_head_dim``, v."""
    q_rank: int | None = None
    """``q_lora_rank``, q; ``None``: queries are not compressed (DeepSeek-V2-Lite)."""

    def params(self, hidden: int) -> float:
        """Parameters of one layer: h q + q H (n + r) + h (c + r) + c H (n + v) + H v h."""
        query = self.heads * (self.nope_dim + self.rope_dim)
        into = hidden * query if self.q_rank is None else self.q_rank * (hidden + query)
        up = self.kv_rank * self.heads * (self.nope_dim + self.v_dim)
        return float(into + hidden * (self.kv_rank + self.rope_dim) + up + self.heads * self.v_dim * hidden)

    def repeated_params(self, hidden: int, tp: int) -> float:
        """Parameters that all ranks together hold more than once: every rank compresses for itself."""
        return float((tp - 1) * hidden * ((self.q_rank or 0) + self.kv_rank + self.rope_dim))

    def seen(self, context: float) -> float:
        """Tokens of ``context`` that a layer sees: all."""
        return context

    def kv_numbers(self) -> float:
        """Numbers in the cache for one token in one layer: c + r."""
        return float(self.kv_rank + self.rope_dim)

    def kv_share(self, tp: int) -> float:
        """Share of them on one rank: all, for the vector belongs to every head (vLLM: ``num_kv_heads`` is 1)."""
        del tp
        return 1.0

    def state_bytes(self) -> float:
        """Bytes that a step moves for a sequence whatever its context: none."""
        return 0.0

    def flops(self, context: float, *, prompt: bool = False) -> float:
        """FLOP of one layer for one token and each token that it sees.

        Decoding works on the compressed vectors (the up-projections are absorbed): 2 H (2 c + r); a prompt
        unpacks them first: 2 H (n + r + v).
        """
        each = self.nope_dim + self.rope_dim + self.v_dim if prompt else 2 * self.kv_rank + self.rope_dim
        return 2.0 * self.heads * each * context
