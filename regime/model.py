"""What a model costs per token and per step, from its shape alone.

Formulas follow the layer algebra of a decoder; the parts are in :mod:`regime.attention` and :mod:`regime.ffn`.
Norms and biases are left out: together they are under 0.01 % of the weights. So are vision and audio encoders:
a decode step does not run them.
"""

from __future__ import annotations

from dataclasses import dataclass

from regime.attention import GroupedQuery, Latent
from regime.ffn import Ffn
from regime.hybrid import Hybrid
from regime.precision import SIXTEEN_BITS, Precision

Attention = GroupedQuery | Latent | Hybrid
HEAD_BYTES = 2.0
"""Per weight of output head and embedding: quantised checkpoints keep them at 16 bits."""


@dataclass(frozen=True, slots=True)
class ModelShape:
    """The numbers of a model's ``config.json`` that its cost follows from, and its bytes per number."""

    name: str
    hidden: int
    layers: int
    vocab: int
    attention: Attention
    ffn: Ffn
    tied: bool = False
    """Whether the output head shares the embedding's weights."""
    precision: Precision = SIXTEEN_BITS

    @property
    def bytes_per_weight(self) -> float:
        """Bytes per weight of most layers: the FFN's, or the experts'."""
        return self.precision.ffn

    @property
    def expert_spread(self) -> float:
        """Experts held over experts used; 1 in a dense model."""
        return self.ffn.experts.spread if self.ffn.experts else 1.0

    @property
    def head_params(self) -> float:
        """Parameters of the output head, h V."""
        return float(self.hidden * self.vocab)

    @property
    def total_params(self) -> float:
        """All parameters, embedding included."""
        return self._attention_params + self.ffn.total(self.hidden, self.layers) + self._tables * self.head_params

    @property
    def active_params(self) -> float:
        """Parameters that one token is multiplied with; the embedding is a look-up and does not count."""
        return self._layers_active + self.head_params

    def experts_read(self, tokens: float) -> float:
        """Experts of a layer that ``tokens`` tokens touch; 1 in a dense model."""
        return self.ffn.experts.read(tokens) if self.ffn.experts else 1.0

    def weight_bytes_per_step(self, tokens: float, tp: int = 1) -> float:
        """Bytes of weights that a step with ``tokens`` tokens must read, over all ``tp`` ranks."""
        ffn = self.ffn.touched(self.hidden, self.layers, tokens)
        return self._layer_bytes(ffn, tp) + HEAD_BYTES * self.head_params

    def weight_bytes(self, tp: int = 1) -> float:
        """Bytes that the weights occupy, over all ``tp`` ranks."""
        ffn = self.ffn.total(self.hidden, self.layers)
        return self._layer_bytes(ffn, tp) + HEAD_BYTES * self._tables * self.head_params

    def kv_bytes_per_token(self) -> float:
        """Bytes that one token of context occupies in every layer, one copy: 2 L K d, or L (c + r) for MLA."""
        return self.layers * self.attention.token_bytes(self.precision.kv)

    def kv_bytes_per_gpu(self, tp: int) -> float:
        """The same on one rank, which holds its heads' part, one head at least, or all of MLA's."""
        return self.kv_bytes_per_token() * self.attention.kv_share(tp)

    def kv_read_bytes_per_gpu(self, context: float, tp: int) -> float:
        """Bytes that one rank moves to decode one token of a sequence of ``context`` tokens; windows cap it."""
        return self.layers * self.attention.moved_bytes(context, self.precision.kv, tp)

    def gemm_flops_per_token(self, *, head: bool = True) -> float:
        """FLOP of the weight multiplications for one token; a prompt token that emits nothing skips the head."""
        return 2.0 * (self._layers_active + (self.head_params if head else 0.0))

    def attention_flops_per_token(self, context: float, *, prompt: bool = False) -> float:
        """FLOP of attention for one token that sees ``context`` tokens, of a ``prompt`` or while decoding."""
        return self.layers * self.attention.flops(context, prompt=prompt)

    def flops_per_token(self, context: float) -> float:
        """FLOP to emit one token with ``context`` tokens of context."""
        return self.gemm_flops_per_token() + self.attention_flops_per_token(context)

    @property
    def _attention_params(self) -> float:
        return self.layers * self.attention.params(self.hidden)

    @property
    def _layers_active(self) -> float:
        return self._attention_params + self.ffn.active(self.hidden, self.layers)

    @property
    def _tables(self) -> int:
        return 1 if self.tied else 2

    def _layer_bytes(self, ffn: float, tp: int) -> float:
        attention = self._attention_params + self.layers * self.attention.repeated_params(self.hidden, tp)
        return self.precision.attention * attention + self.precision.ffn * ffn
