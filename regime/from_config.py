"""A model's shape from the mapping that its ``config.json`` holds (Hugging Face's layout).

Keys as the configuration classes of the transformers library name them. What the file leaves open or says absurdly
gives a reason in place of a shape: a wrong shape would be worse than none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from regime.attention import GroupedQuery, Latent
from regime.families import FAMILIES, NESTED, UNKNOWN_PARTS, Family
from regime.ffn import Experts, Ffn
from regime.fields import Fields, Unclear, shown
from regime.hybrid import Hybrid, Linear
from regime.model import Attention, ModelShape
from regime.quantised import precision_of

_WIDE, _MANY, _DEEP = 1_000_000, 4096, 1000
"""Beyond any width, number of heads, and number of layers there is."""
_MOST_PARAMS = 1e14
_LINEAR = "linear_attention"
_KNOWN_LAYERS = {"full_attention", "sliding_attention", "chunked_attention"}


def shape_from_config(config: object, name: str = "config.json", kv_cache_dtype: str | None = None) -> ModelShape | str:
    """Return the shape, or one line that says why there is none. Never raises.

    ``kv_cache_dtype`` is the server's (``cache_dtype`` of ``vllm:cache_config_info``): bytes per key and value.
    """
    if not isinstance(config, Mapping):
        return "it is no JSON object"
    try:
        return _shape(config, name, kv_cache_dtype)
    except Unclear as reason:
        return str(reason)


def _shape(config: Mapping[str, object], name: str, kv_cache_dtype: str | None) -> ModelShape:
    inner = next((found for key in NESTED if isinstance(found := config.get(key), Mapping)), config)
    family = _family(inner, config)
    fields = Fields(inner, *([config] if inner is not config else []), family.defaults)
    _refuse_unknown_parts(fields)
    hidden = fields.whole("hidden_size", low=16, high=_WIDE)
    layers = fields.whole("num_hidden_layers", low=1, high=_DEEP)
    shape = ModelShape(
        name=name,
        hidden=hidden,
        layers=layers,
        vocab=fields.whole("vocab_size", low=2, high=10 * _WIDE),
        attention=_attention(fields, family, hidden, layers),
        ffn=_ffn(fields, family, layers),
        tied=fields.flag("tie_word_embeddings", family.tied),
        precision=precision_of(_quantization(inner, config), layers).with_kv(kv_cache_dtype),
    )
    if shape.total_params > _MOST_PARAMS:
        raise Unclear(f"{shape.total_params:.0e} parameters are more than any model has")
    return shape


def _family(inner: Mapping[str, object], outer: Mapping[str, object]) -> Family:
    for mapping in (inner, outer):
        kind = mapping.get("model_type")
        if isinstance(kind, str):
            if kind in FAMILIES:
                return FAMILIES[kind]
            raise Unclear(f"model_type {shown(kind)!r} is not one whose layers are known")
    raise Unclear("model_type is missing")


def _refuse_unknown_parts(fields: Fields) -> None:
    for key, words in UNKNOWN_PARTS.items():
        value = fields.get(key)
        if value is not None and value not in (0, False, []):
            raise Unclear(f"{words} ({key}) is not in the model of a step")


def _quantization(inner: Mapping[str, object], outer: Mapping[str, object]) -> Mapping[str, object] | None:
    for mapping in (inner, outer):
        for key in ("quantization_config", "compression_config"):
            found = mapping.get(key)
            if isinstance(found, Mapping):
                return found
            if found is not None:
                raise Unclear(f"{key} is {shown(found)}, not an object")
    return None


def _attention(fields: Fields, family: Family, hidden: int, layers: int) -> Attention:
    heads = fields.whole("num_attention_heads", low=1, high=_MANY)
    if fields.get("kv_lora_rank") is not None:
        return Latent(
            heads=heads,
            kv_rank=fields.whole("kv_lora_rank", low=1, high=_WIDE),
            rope_dim=fields.whole("qk_rope_head_dim", low=1, high=_MANY),
            nope_dim=fields.whole("qk_nope_head_dim", low=1, high=_MANY),
            v_dim=fields.whole("v_head_dim", low=1, high=_MANY),
            q_rank=fields.optional("q_lora_rank", low=1, high=_WIDE),
            top=(top := fields.optional("index_topk", low=1, high=1 << 40)),
            index_heads=fields.whole("index_n_heads", low=1, high=_MANY) if top else 0,
            index_dim=fields.whole("index_head_dim", low=1, high=_MANY) if top else 0,
        )
    if fields.get("index_topk") is not None:
        raise Unclear("sparse attention (index_topk) of this kind is not in the model of a step")
    full = _grouped(fields, family, hidden, layers, heads)
    if fields.get("linear_num_value_heads") is None:
        return full
    return Hybrid(full, _linear(fields), _linear_share(fields, layers))


def _linear(fields: Fields) -> Linear:
    return Linear(
        key_heads=fields.whole("linear_num_key_heads", low=1, high=_MANY),
        key_dim=fields.whole("linear_key_head_dim", low=1, high=_MANY),
        value_heads=fields.whole("linear_num_value_heads", low=1, high=_MANY),
        value_dim=fields.whole("linear_value_head_dim", low=1, high=_MANY),
        number_bytes=4.0 if fields.text("mamba_ssm_dtype") == "float32" else 2.0,
    )


def _linear_share(fields: Fields, layers: int) -> float:
    if kinds := fields.names("layer_types"):
        return sum(kind == _LINEAR for kind in kinds) / len(kinds)
    return 1.0 - layers // (fields.optional("full_attention_interval", low=1, high=_DEEP) or 4) / layers


def _grouped(fields: Fields, family: Family, hidden: int, layers: int, heads: int) -> GroupedQuery:
    kv_heads = fields.optional("num_key_value_heads", low=1, high=_MANY) or heads
    if heads % kv_heads:
        raise Unclear(f"{heads} heads cannot share {kv_heads} keys and values evenly")
    head_dim = fields.optional("head_dim", low=1, high=_MANY)
    if head_dim is None and hidden % heads:
        raise Unclear(f"head_dim is missing, and hidden_size {hidden} is no multiple of {heads} heads")
    window, sliding = _window(fields, family, layers)
    gated = fields.flag("attn_output_gate", family.gated)
    return GroupedQuery(heads, kv_heads, head_dim or hidden // heads, window, sliding, gated)


def _window(fields: Fields, family: Family, layers: int) -> tuple[int | None, float]:
    """Return the window and the share of layers that have it: by ``layer_types``, a pattern, or all."""
    kinds = fields.names("layer_types")
    if _LINEAR in kinds and fields.get("linear_num_value_heads") is not None:
        return None, 0.0
    if unknown := next((kind for kind in kinds if kind not in _KNOWN_LAYERS), None):
        raise Unclear(f"layers of the kind {shown(unknown)!r} are not in the model of a step")
    if not kinds and not fields.flag("use_sliding_window", family.slides):
        return None, 0.0
    window = fields.optional("sliding_window", "attention_chunk_size", low=1, high=1 << 40)
    if window is None:
        return None, 0.0
    if kinds:
        if len(kinds) != layers:
            raise Unclear(f"layer_types names {len(kinds)} layers of {layers}")
        share = sum(kind != "full_attention" for kind in kinds) / layers
    elif not family.slides:  # Qwen: the layers after the first max_window_layers slide
        share = 1.0 - (fields.optional("max_window_layers", low=0, high=_DEEP) or 0) / layers
    else:
        pattern = fields.optional("sliding_window_pattern", low=1, high=_DEEP) or family.pattern
        share = 1.0 if pattern is None else (layers - layers // pattern) / layers
    return (window, share) if share > 0 else (None, 0.0)


def _ffn(fields: Fields, family: Family, layers: int) -> Ffn:
    experts = _experts(fields, family, layers)
    width = fields.optional("intermediate_size_mlp", "intermediate_size", "ffn_dim", low=1, high=_WIDE)
    if width is None:
        if experts is None or experts.dense_layers:
            raise Unclear("intermediate_size is missing")
        width = experts.intermediate  # no layer has a dense FFN
    return Ffn(width, experts, family.matrices)


def _experts(fields: Fields, family: Family, layers: int) -> Experts | None:
    count = fields.optional("n_routed_experts", "num_local_experts", "num_experts", low=0, high=100_000)
    if not count:
        return None
    per_token = fields.whole("num_experts_per_tok", "experts_per_token", "num_experts_per_token", low=1, high=count)
    width = fields.whole("moe_intermediate_size", "intermediate_size", low=1, high=_WIDE)
    dense = _dense_layers(fields, layers)
    return Experts(count, per_token, width, _shared(fields, family, width), dense) if dense < layers else None


def _shared(fields: Fields, family: Family, width: int) -> int:
    if family.shared_as_wide:
        return width
    named = fields.optional("shared_expert_intermediate_size", low=0, high=_WIDE)
    return named or width * (fields.optional("n_shared_experts", "num_shared_experts", low=0, high=_MANY) or 0)


def _dense_layers(fields: Fields, layers: int) -> int:
    """How many layers have a dense FFN among those with experts."""
    listed = fields.get("moe_layers")
    if isinstance(listed, Sequence) and not isinstance(listed, str) and listed:
        return layers - min(len(set(map(str, listed))), layers)
    first = fields.optional("first_k_dense_replace", low=0, high=layers) or 0
    step = fields.optional("decoder_sparse_step", "interleave_moe_layer_step", "moe_layer_freq", low=1, high=layers)
    sparse = (layers - first) // (step or 1)
    only = fields.get("mlp_only_layers")
    dense_by_list = len(only) if isinstance(only, Sequence) and not isinstance(only, str) else 0
    return min(layers, layers - sparse + dense_by_list)
