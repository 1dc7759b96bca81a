"""A model's shape into a recording and back."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import get_args

from msgspec import structs

from regime.attention import GroupedQuery, Latent
from regime.ffn import Experts, Ffn
from regime.hybrid import Hybrid, Linear
from regime.model import Attention, ModelShape
from regime.precision import Compute, Precision
from session.events import Shape

_MOST = 100_000_000
"""No width, count or vocabulary is larger."""
_MOST_BYTES = 8.0
_GROUPED = ("kv_heads", "head_dim", "window", "sliding", "gated")
_LINEAR = ("key_heads", "key_dim", "value_heads", "value_dim", "number_bytes")
_LATENT = ("kv_rank", "rope_dim", "nope_dim", "v_dim", "q_rank", "top", "index_heads", "index_dim")


def to_record(shape: ModelShape) -> Shape:
    """Return the shape as a recording holds it."""
    experts = shape.ffn.experts
    record = Shape(
        name=shape.name,
        hidden=shape.hidden,
        layers=shape.layers,
        vocab=shape.vocab,
        heads=shape.attention.heads,
        intermediate=shape.ffn.intermediate,
        matrices=shape.ffn.matrices,
        tied=shape.tied,
        experts=experts.count if experts else None,
        experts_per_token=experts.per_token if experts else None,
        expert_intermediate=experts.intermediate if experts else None,
        shared_intermediate=experts.shared if experts else 0,
        dense_layers=experts.dense_layers if experts else 0,
        attention_bytes=shape.precision.attention,
        ffn_bytes=shape.precision.ffn,
        kv_bytes=shape.precision.kv,
        compute=shape.precision.compute,
    )
    return structs.replace(record, **_attention_record(shape.attention))


def _attention_record(attention: Attention) -> dict[str, int | float | None]:
    match attention:
        case Latent():
            return {name: getattr(attention, name) for name in _LATENT}
        case GroupedQuery():
            return {name: getattr(attention, name) for name in _GROUPED}
        case Hybrid(full, linear, share):
            found = {f"linear_{name}": getattr(linear, name) for name in _LINEAR}
            return {**_attention_record(full), **found, "linear_share": share}


@lru_cache(maxsize=64)
def from_record(record: Shape) -> ModelShape | None:
    """Return the shape that a recording holds; ``None`` where its numbers cannot be a model's."""
    attention, ffn = _attention(record), _ffn(record)
    compute = next((kind for kind in get_args(Compute) if kind == record.compute), None)
    sizes = (record.attention_bytes, record.ffn_bytes, record.kv_bytes)
    sound = _whole(record.hidden, record.layers, record.vocab) and all(0 < size <= _MOST_BYTES for size in sizes)
    if attention is None or ffn is None or compute is None or not sound:
        return None
    precision = Precision(*sizes, compute=compute)
    return ModelShape(record.name, record.hidden, record.layers, record.vocab, attention, ffn, record.tied, precision)


def _whole(*values: int | None) -> bool:
    return all(value is not None and 1 <= value <= _MOST for value in values)


def _attention(record: Shape) -> Attention | None:
    latent = (record.kv_rank, record.rope_dim, record.nope_dim, record.v_dim)
    if _whole(record.heads, *latent, record.q_rank or 1, record.top or 1) and record.q_rank != 0 != record.top:
        kv_rank, rope_dim, nope_dim, v_dim = (value or 0 for value in latent)
        index = (record.top, record.index_heads, record.index_dim)
        sound = all(0 <= (size or 0) <= _MOST for size in index)
        return Latent(record.heads, kv_rank, rope_dim, nope_dim, v_dim, record.q_rank, *index) if sound else None
    if not _whole(record.heads, record.kv_heads, record.head_dim) or not 0 <= record.sliding <= 1:
        return None
    if record.window is not None and not 1 <= record.window < math.inf:
        return None
    full = GroupedQuery(
        record.heads, record.kv_heads or 0, record.head_dim or 0, record.window, record.sliding, record.gated
    )
    return _hybrid(record, full) if record.linear_share else full


def _hybrid(record: Shape, full: GroupedQuery) -> Hybrid | None:
    sizes = (
        record.linear_key_heads, record.linear_key_dim, record.linear_value_heads, record.linear_value_dim
    )  # fmt: skip
    if not _whole(*sizes) or not 0 < record.linear_share <= 1 or not 0 < record.linear_number_bytes <= _MOST_BYTES:
        return None
    key_heads, key_dim, value_heads, value_dim = (size or 0 for size in sizes)
    linear = Linear(key_heads, key_dim, value_heads, value_dim, record.linear_number_bytes)
    return Hybrid(full, linear, record.linear_share)


def _ffn(record: Shape) -> Ffn | None:
    if not _whole(record.intermediate) or record.matrices not in (2, 3):
        return None
    if record.experts is None:
        return Ffn(record.intermediate, matrices=record.matrices)
    count, used, width = record.experts, record.experts_per_token, record.expert_intermediate
    shared, dense = record.shared_intermediate, record.dense_layers
    if not _whole(count, used, width) or not 0 <= shared <= _MOST or not 0 <= dense < record.layers:
        return None
    experts = Experts(count, min(used or 1, count), width or 1, shared, dense)
    return Ffn(record.intermediate, experts, record.matrices)
