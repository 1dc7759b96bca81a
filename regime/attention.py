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

    def token_bytes(self, size: float) -> float:
        """Bytes in the cache for one token in one layer, ``size`` bytes a number: 2 K d of them."""
        return 2.0 * self.kv_heads * self.head_dim * size

    def kv_share(self, tp: int) -> float:
        """Share of them on one rank; KV heads are repeated once they are fewer than ranks."""
        return max(self.kv_heads / tp, 1.0) / self.kv_heads

    def moved_bytes(self, context: float, size: float, tp: int) -> float:
        """Bytes that one rank reads in one layer to decode one token of a sequence."""
        return self.token_bytes(size) * self.kv_share(tp) * self.seen(context)

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
    top: int | None = None
    """``index_topk``: an indexer picks so many tokens, and attention reads no others (DeepSeek-V3.2, GLM-5)."""
    index_heads: int = 0
    index_dim: int = 0

    def params(self, hidden: int) -> float:
        """Parameters of one layer: h q + q H (n + r) + h (c + r) + c H (n + v) + H v h, and the indexer's."""
        query = self.heads * (self.nope_dim + self.rope_dim)
        into = hidden * query if self.q_rank is None else self.q_rank * (hidden + query)
        up = self.kv_rank * self.heads * (self.nope_dim + self.v_dim)
        index = (self.q_rank or hidden) * self.index_heads * self.index_dim
        index += hidden * (self.index_heads + self.index_dim)
        return float(into + hidden * (self.kv_rank + self.rope_dim) + up + self.heads * self.v_dim * hidden + index)

    def repeated_params(self, hidden: int, tp: int) -> float:
        """Parameters that all ranks together hold more than once: every rank compresses for itself."""
        return float((tp - 1) * hidden * ((self.q_rank or 0) + self.kv_rank + self.rope_dim))

    def seen(self, context: float) -> float:
        """Tokens of ``context`` that attention reads: all, or those that the indexer picks."""
        return context if self.top is None else min(context, self.top)

    @property
    def index_bytes(self) -> float:
        """Bytes of the indexer's key for one token: FP8, and a 32-bit scale for each 128 (vLLM)."""
        return self.index_dim * (1 + 4 / 128)

    def token_bytes(self, size: float) -> float:
        """Bytes in the cache for one token in one layer, ``size`` bytes a number: c + r of them, and the indexer's."""
        return (self.kv_rank + self.rope_dim) * size + self.index_bytes

    def kv_share(self, tp: int) -> float:
        """Share of them on one rank: all, for the vector belongs to every head (vLLM: ``num_kv_heads`` is 1)."""
        del tp
        return 1.0

    def moved_bytes(self, context: float, size: float, tp: int) -> float:
        """Bytes that one rank, any of them, reads in one layer to decode one token of a sequence."""
        del tp
        return (self.kv_rank + self.rope_dim) * size * self.seen(context) + self.index_bytes * context

    def flops(self, context: float, *, prompt: bool = False) -> float:
        """FLOP of one layer for one token and each token that it sees.

        Decoding works on the compressed vectors (the up-projections are absorbed): 2 H (2 c + r); a prompt
        unpacks them first: 2 H (n + r + v). With an indexer prompts stay compressed, and it scores every token.
        """
        absorbed = not prompt or self.top is not None
        each = 2 * self.kv_rank + self.rope_dim if absorbed else self.nope_dim + self.rope_dim + self.v_dim
        return 2.0 * self.heads * each * self.seen(context) + 2.0 * self.index_heads * self.index_dim * context
