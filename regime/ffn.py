"""What the feed-forward layers hold and read: dense ones, and mixtures of experts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Experts:
    """A mixture of experts: a router picks ``per_token`` of ``count``; shared experts see every token."""

    count: int
    per_token: int
    intermediate: int
    shared: int = 0
    """Width of all shared experts together (``n_shared_experts`` times theirs); 0: none."""
    dense_layers: int = 0
    """Layers with a dense FFN in place of experts: DeepSeek's first ones, every second one of Llama 4 Maverick."""

    def read(self, tokens: float) -> float:
        """Experts of a layer that ``tokens`` tokens touch: E (1 - (1 - k/E)^tokens), routing taken as even."""
        missed: float = (1.0 - self.per_token / self.count) ** max(tokens, 1.0)
        return self.count * (1.0 - missed)

    @property
    def spread(self) -> float:
        """Experts that a layer holds over those that a token passes, shared ones among both."""
        shared = self.shared / self.intermediate
        return (self.count + shared) / (self.per_token + shared)


@dataclass(frozen=True, slots=True)
class Ffn:
    """The feed-forward part of all layers."""

    intermediate: int
    """Width of a dense FFN."""
    experts: Experts | None = None
    matrices: int = 3
    """3 where a gate multiplies (SwiGLU and its like), 2 where none does."""

    def params(self, hidden: int, layers: int, experts: float) -> float:
        """Parameters of all layers, with ``experts`` of the routed ones counted in each layer that has some.

        ``matrices`` h f for a dense FFN or an expert, and h E for the router.
        """
        moe = self.experts
        if moe is None:
            return float(layers * self.matrices * hidden * self.intermediate)
        width = experts * moe.intermediate + moe.shared
        sparse = (layers - moe.dense_layers) * (self.matrices * width + moe.count)
        return hidden * (sparse + moe.dense_layers * self.matrices * self.intermediate)

    def total(self, hidden: int, layers: int) -> float:
        """Parameters of all layers."""
        return self.params(hidden, layers, self.experts.count if self.experts else 0)

    def active(self, hidden: int, layers: int) -> float:
        """Parameters that one token is multiplied with."""
        return self.params(hidden, layers, self.experts.per_token if self.experts else 0)

    def touched(self, hidden: int, layers: int, tokens: float) -> float:
        """Parameters that a step with ``tokens`` tokens reads."""
        return self.params(hidden, layers, self.experts.read(tokens) if self.experts else 0)
