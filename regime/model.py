"""What a model costs per token and per step, from its shape alone.

Formulas follow the layer algebra of a decoder: grouped-query attention, gated FFN of three matrices, optionally
a mixture of experts. Norms and biases are left out: together they are under 0.01 % of the weights.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelShape:
    """The numbers of a model's ``config.json`` that its cost follows from, and its bytes per number."""

    name: str
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate: int
    vocab: int
    tied: bool = False
    """Whether the output head shares the embedding's weights."""
    bytes_per_weight: float = 2.0
    """Of the layers; head and embedding stay at 16 bits, as quantised checkpoints keep them."""
    bytes_per_kv: float = 2.0
    experts: int | None = None
    experts_per_token: int | None = None
    moe_intermediate: int | None = None
    fp8_compute: bool = False
    """Whether the layers multiply in FP8 (activations too), at the GPU's FP8 rate."""

    @property
    def attention_params(self) -> float:
        """Parameters of one layer's four projections: h (H + 2 K) d + H d h."""
        into = self.hidden * (self.heads + 2 * self.kv_heads) * self.head_dim
        return float(into + self.heads * self.head_dim * self.hidden)

    @property
    def expert_params(self) -> float:
        """Parameters of one FFN, or of one expert: 3 h f."""
        return 3.0 * self.hidden * (self.moe_intermediate or self.intermediate)

    @property
    def head_params(self) -> float:
        """Parameters of the output head, h V."""
        return float(self.hidden * self.vocab)

    @property
    def router_params(self) -> float:
        """Parameters of one layer's expert router, h E; none in a dense model."""
        return float(self.hidden * (self.experts or 0))

    @property
    def total_params(self) -> float:
        """All parameters, embedding included."""
        layer = self.attention_params + (self.experts or 1) * self.expert_params + self.router_params
        return self.layers * layer + self.head_params * (1 if self.tied else 2)

    @property
    def active_params(self) -> float:
        """Parameters that one token is multiplied with; the embedding is a look-up and does not count."""
        return self.layers * self._layer_active + self.head_params

    @property
    def _layer_active(self) -> float:
        used = (self.experts_per_token or 1) if self.experts else 1
        return self.attention_params + used * self.expert_params + self.router_params

    def experts_read(self, tokens: float) -> float:
        """Experts of a layer that ``tokens`` tokens touch: E (1 - (1 - k/E)^tokens), routing taken as even."""
        if not self.experts:
            return 1.0
        missed: float = (1.0 - (self.experts_per_token or 1) / self.experts) ** max(tokens, 1.0)
        return self.experts * (1.0 - missed)

    def weight_bytes_per_step(self, batch: float) -> float:
        """Bytes of weights that a step with ``batch`` tokens must read, over all ranks."""
        ffn = self.experts_read(batch) * self.expert_params
        layer = self.attention_params + ffn + self.router_params
        return self.bytes_per_weight * self.layers * layer + 2.0 * self.head_params

    def weight_bytes(self) -> float:
        """Bytes that the weights occupy, over all ranks."""
        layer = self.attention_params + (self.experts or 1) * self.expert_params + self.router_params
        return self.bytes_per_weight * self.layers * layer + 2.0 * self.head_params * (1 if self.tied else 2)

    def kv_bytes_per_token(self) -> float:
        """Bytes of keys and values for one token of context, over all ranks: 2 L K d."""
        return 2.0 * self.layers * self.kv_heads * self.head_dim * self.bytes_per_kv

    def gemm_flops_per_token(self, *, head: bool = True) -> float:
        """FLOP of the weight multiplications for one token; a prompt token that emits nothing skips the head."""
        return 2.0 * (self.layers * self._layer_active + (self.head_params if head else 0.0))

    def attention_flops_per_token(self, context: float) -> float:
        """FLOP of attention for one token that sees ``context`` tokens: 4 L H d context."""
        return 4.0 * self.layers * self.heads * self.head_dim * context

    def flops_per_token(self, context: float) -> float:
        """FLOP to emit one token with ``context`` tokens of context."""
        return self.gemm_flops_per_token() + self.attention_flops_per_token(context)

    def kv_bytes_per_gpu(self, tp: int) -> float:
        """Bytes of keys and values per token on one rank; KV heads are replicated once they are fewer than ranks."""
        heads = max(self.kv_heads / tp, 1.0)
        return self.kv_bytes_per_token() * heads / self.kv_heads
