"""Hybrid attention: most layers keep a state of fixed size in place of keys and values (Qwen3-Next, Qwen3.5)."""

from __future__ import annotations

from dataclasses import dataclass

from regime.attention import GroupedQuery


@dataclass(frozen=True, slots=True)
class Linear:
    """One gated delta-rule layer (Gated DeltaNet, Yang et al. 2024, arXiv 2412.06464)."""

    key_heads: int
    key_dim: int
    value_heads: int
    value_dim: int
    number_bytes: float = 4.0
    """Bytes per number of the state: ``mamba_ssm_dtype``."""

    def params(self, hidden: int) -> float:
        """Parameters: queries, keys, values, output gate, two gates a head, and the way out."""
        keys, values = self.key_heads * self.key_dim, self.value_heads * self.value_dim
        return float(hidden * (2 * keys + 3 * values + 2 * self.value_heads))

    @property
    def state(self) -> float:
        """Numbers of one sequence's state."""
        return float(self.value_heads * self.key_dim * self.value_dim)


@dataclass(frozen=True, slots=True)
class Hybrid:
    """``linear_share`` of the layers are linear, the others full; figures are means over the layers."""

    full: GroupedQuery
    linear: Linear
    linear_share: float

    @property
    def heads(self) -> int:
        """Query heads of a full layer."""
        return self.full.heads

    def params(self, hidden: int) -> float:
        """Parameters of a layer."""
        share = self.linear_share
        return (1 - share) * self.full.params(hidden) + share * self.linear.params(hidden)

    def repeated_params(self, hidden: int, tp: int) -> float:
        """Parameters that all ranks together hold more than once."""
        return (1 - self.linear_share) * self.full.repeated_params(hidden, tp)

    def token_bytes(self, size: float) -> float:
        """Bytes in the cache for one token in one layer, ``size`` bytes a number."""
        return (1 - self.linear_share) * self.full.token_bytes(size)

    def kv_share(self, tp: int) -> float:
        """Share of them on one rank."""
        return self.full.kv_share(tp)

    def moved_bytes(self, context: float, size: float, tp: int) -> float:
        """Bytes that one rank moves in one layer to decode one token: a state is read and written."""
        state = 2 * self.linear.state * self.linear.number_bytes / tp
        return (1 - self.linear_share) * self.full.moved_bytes(context, size, tp) + self.linear_share * state

    def flops(self, context: float, *, prompt: bool = False) -> float:
        """FLOP of one layer for one token; the delta rule reads, corrects and updates the state: 6 for each number."""
        share = self.linear_share
        return (1 - share) * self.full.flops(context, prompt=prompt) + share * 6 * self.linear.state
