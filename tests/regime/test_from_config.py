from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regime.attention import GroupedQuery, Latent
from regime.from_config import shape_from_config
from regime.hybrid import Hybrid
from regime.model import ModelShape
from regime.model_table import MODELS
from session.shapes import from_record, to_record
from tests.regime import configs
from tests.regime.configs import Config, compressed


def shape_of(config: object, kv: str | None = None) -> ModelShape:
    shape = shape_from_config(config, kv_cache_dtype=kv)
    assert isinstance(shape, ModelShape), shape
    return shape


def quantised(config: Config) -> ModelShape:
    return shape_of({**configs.LLAMA_8B, "quantization_config": config})


@pytest.mark.parametrize(
    ("config", "billions"),
    [
        (configs.LLAMA_8B, 8.03),
        (configs.LLAMA_70B, 70.55),
        (configs.QWEN3_30B, 30.53),
        (configs.QWEN2_MOE, 14.3),
        (configs.MIXTRAL, 46.70),
        (configs.DEEPSEEK_V3, 671.0),
        (configs.DEEPSEEK_V32, 671.9),
        (configs.DEEPSEEK_V2_LITE, 15.7),
        (configs.GLM_5, 744.0),
        (configs.GPT_OSS_120B, 116.8),
        (configs.GEMMA3_27B, 27.0),
        (configs.GEMMA3_4B, 3.88),
        (configs.SCOUT, 107.8),
        (configs.MAVERICK, 400.7),
        (configs.QWEN3_NEXT, 79.7),
        (configs.QWEN35_35B, 34.7),
        (configs.OPT, 0.125),
    ],
)
def test_parameter_counts_are_the_published_ones(config: Config, billions: float) -> None:
    assert shape_of(config).total_params / 1e9 == pytest.approx(billions, rel=0.015)


@pytest.mark.parametrize(
    ("config", "billions"),
    [
        (configs.QWEN3_30B, 3.3),
        (configs.QWEN2_MOE, 2.7),
        (configs.MIXTRAL, 12.9),
        (configs.DEEPSEEK_V3, 37.0),
        (configs.GPT_OSS_120B, 5.1),
        (configs.MAVERICK, 17.0),
        (configs.QWEN35_35B, 3.0),
    ],
)
def test_active_parameters_are_the_published_ones(config: Config, billions: float) -> None:
    """Some makers count the embedding, of which a token reads one row, and some do not."""
    shape = shape_of(config)
    counts = [shape.active_params / 1e9, (shape.active_params + shape.head_params) / 1e9]
    assert any(count == pytest.approx(billions, rel=0.02) for count in counts), counts


@pytest.mark.parametrize(
    ("config", "name"),
    [
        (configs.LLAMA_8B, "llama-3.1-8b"),
        (configs.QWEN3_30B, "qwen3-30b-a3b"),
        (configs.MIXTRAL, "mixtral-8x7b"),
        (configs.GPT_OSS_120B, "gpt-oss-120b"),
        (configs.DEEPSEEK_V3, "deepseek-v3"),
        (configs.DEEPSEEK_V2_LITE, "deepseek-v2-lite"),
        (configs.GEMMA2_9B, "gemma-2-9b"),
        (configs.GEMMA3_4B, "gemma-3-4b"),
        (configs.GEMMA3_27B, "gemma-3-27b"),
        (configs.MAVERICK, "llama-4-maverick-17b-128e"),
        (configs.OPT, "opt-125m"),
    ],
)
def test_the_file_and_the_built_in_table_agree(config: Config, name: str) -> None:
    assert replace(shape_of(config), name=name) == MODELS[name]


def test_head_dim_is_taken_before_it_is_derived() -> None:
    derived, given = shape_of(configs.LLAMA_8B).attention, shape_of(configs.QWEN3_30B).attention
    assert isinstance(derived, GroupedQuery)
    assert isinstance(given, GroupedQuery)
    assert (derived.head_dim, given.head_dim) == (128, 128)  # Qwen: 2048 hidden over 32 heads would be 64


def test_windows() -> None:
    sliding = shape_of(configs.MISTRAL_V1).attention
    alternating = shape_of(configs.GPT_OSS_120B).attention
    assert isinstance(sliding, GroupedQuery)
    assert isinstance(alternating, GroupedQuery)
    assert (sliding.window, sliding.sliding) == (4096, 1.0)
    assert (alternating.window, alternating.sliding) == (128, 0.5)
    unused = shape_of(configs.QWEN2_MOE).attention
    assert isinstance(unused, GroupedQuery)
    assert unused.window is None
    off = shape_of({**configs.LLAMA_8B, "model_type": "mimo", "sliding_window": 32768, "use_sliding_window": False})
    assert isinstance(off.attention, GroupedQuery)
    assert off.attention.window is None
    late = shape_of({**configs.QWEN3_30B, "use_sliding_window": True, "sliding_window": 4096, "max_window_layers": 36})
    assert isinstance(late.attention, GroupedQuery)
    assert late.attention.sliding == pytest.approx(0.25)


def test_linear_layers_keep_a_state_in_place_of_keys_and_values() -> None:
    shape = shape_of(configs.QWEN35_35B)
    assert isinstance(shape.attention, Hybrid)
    assert shape.attention.linear_share == 0.75
    assert shape.kv_bytes_per_token() == 10 * 2 * 2 * 256 * 2  # ten full layers of forty
    state = 30 * 32 * 128 * 128 * 4  # 63 MB a sequence, read and written
    assert shape.kv_read_bytes_per_gpu(0, 1) == 2 * state
    assert shape.kv_read_bytes_per_gpu(1000, 2) == state + 1000 * shape.kv_bytes_per_gpu(2)
    record = to_record(shape)
    assert from_record(record) == shape


def test_an_indexer_picks_what_attention_reads() -> None:
    sparse, full = shape_of(configs.DEEPSEEK_V32), shape_of(configs.DEEPSEEK_V3)
    index = 61 * 132
    assert sparse.kv_bytes_per_token() == full.kv_bytes_per_token() + index
    assert sparse.kv_read_bytes_per_gpu(2048, 8) == full.kv_read_bytes_per_gpu(2048, 8) + 2048 * index
    far = sparse.kv_read_bytes_per_gpu(100_000, 8)
    assert far == full.kv_read_bytes_per_gpu(2048, 8) + 100_000 * index
    assert sparse.attention_flops_per_token(100_000) < 0.1 * full.attention_flops_per_token(100_000)
    assert from_record(to_record(sparse)) == sparse


def test_latent_attention() -> None:
    shape = shape_of(configs.DEEPSEEK_V3)
    assert isinstance(shape.attention, Latent)
    assert shape.kv_bytes_per_token() / 1024 == pytest.approx(68.6, abs=0.05)
    assert shape.kv_bytes_per_gpu(8) == shape.kv_bytes_per_gpu(1)


@pytest.mark.parametrize(
    ("config", "size", "compute"),
    [
        ({"quant_method": "fp8", "activation_scheme": "dynamic"}, 1.0, "fp8"),
        (compressed(8, "float", (8, "float")), 1.0, "fp8"),
        (compressed(8, "int", (8, "int")), 1.0, "int8"),
        (compressed(4, "int", None, group_size=128), 0.5 + 2 / 128, "bf16"),
        (compressed(4, "float", (4, "float"), group_size=16, format="nvfp4-pack-quantized"), 0.5625, "fp4"),
        (compressed(4, "float", None, group_size=16), 0.5625, "bf16"),
        ({"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": True}, 0.515625, "bf16"),
        ({"quant_method": "gptq", "bits": 8, "group_size": -1}, 1.0, "bf16"),
        ({"quant_method": "gptq", "bits": 4, "group_size": 32}, 0.5625, "bf16"),
        ({"quant_method": "bitsandbytes", "load_in_4bit": True, "load_in_8bit": False}, 0.5625, "bf16"),
        ({"quant_method": "bitsandbytes", "load_in_8bit": True}, 1.0, "bf16"),
        ({"quant_method": "modelopt", "quant_algo": "FP8", "kv_cache_quant_algo": "FP8"}, 1.0, "fp8"),
        ({"quant_algo": "FP8", "kv_cache_scheme": "FP8", "producer": {"name": "modelopt"}}, 1.0, "fp8"),
        ({"quant_method": "modelopt_fp4", "quant_algo": "NVFP4"}, 0.5625, "fp4"),
    ],
)
def test_quantisation(config: Config, size: float, compute: str) -> None:
    shape = quantised(config)
    assert shape.bytes_per_weight == pytest.approx(size)
    assert shape.precision.attention == pytest.approx(size)
    assert shape.precision.compute == compute


def test_mxfp4_packs_the_experts_alone() -> None:
    shape = shape_of(configs.GPT_OSS_120B)
    assert (shape.precision.attention, shape.precision.ffn) == (2.0, 0.53125)
    assert shape.weight_bytes() / 1e9 == pytest.approx(65.2, rel=0.01)  # as its files on the hub


def test_attention_left_at_16_bits() -> None:
    listed = [f"model.layers.{layer}.self_attn.q_proj" for layer in range(32)]
    for ignore in (["re:.*self_attn.*", "lm_head"], listed):
        shape = quantised({**compressed(8, "float", (8, "float")), "ignore": ignore})
        assert (shape.precision.attention, shape.precision.ffn) == (2.0, 1.0)
    small = [f"model.layers.{layer}.linear_attn.in_proj_ba" for layer in range(32)]
    assert quantised({"quant_method": "fp8", "modules_to_not_convert": small}).precision.attention == 1.0
    few = quantised({**compressed(8, "float", (8, "float")), "ignore": [*listed[:2], "re:vision_tower.*attn"]})
    assert few.precision.attention == 1.0


@pytest.mark.parametrize(
    ("dtype", "size"),
    [("auto", 2.0), (None, 2.0), ("fp8", 1.0), ("fp8_e4m3", 1.0), ("bfloat16", 2.0), ("nvfp4", 0.5625), ("??", 2.0)],
)
def test_kv_type_of_the_server(dtype: str | None, size: float) -> None:
    assert shape_of(configs.LLAMA_8B, dtype).precision.kv == size


def test_kv_type_of_the_checkpoint() -> None:
    shape = quantised(compressed(8, "float", (8, "float"), kv_cache_scheme={"num_bits": 8, "type": "float"}))
    assert shape.precision.kv == 1.0
    assert shape.precision.with_kv("auto").kv == 1.0
    assert shape.precision.with_kv("bfloat16").kv == 2.0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"hidden_size": 0}, "hidden_size is 0, not a whole number from 16 to 1000000"),
        ({"hidden_size": None}, "hidden_size is missing"),
        ({"num_hidden_layers": -4}, "num_hidden_layers is -4, not a whole number from 1 to 1000"),
        ({"num_hidden_layers": "32"}, "num_hidden_layers is 32, not a whole number from 1 to 1000"),
        ({"vocab_size": 10**18}, "vocab_size is 1e+18, not a whole number from 2 to 10000000"),
        ({"vocab_size": 10**400}, "vocab_size is a huge number, not a whole number from 2 to 10000000"),
        ({"intermediate_size": math.nan}, "intermediate_size is nan, not a whole number from 1 to 1000000"),
        ({"num_attention_heads": True}, "num_attention_heads is 1, not a whole number from 1 to 4096"),
        ({"num_key_value_heads": 5}, "32 heads cannot share 5 keys and values evenly"),
        ({"num_attention_heads": 24, "num_key_value_heads": 8}, "head_dim is missing"),
        ({"model_type": "mamba2"}, "model_type 'mamba2' is not one whose layers are known"),
        ({"model_type": "\x1b[31mred"}, "model_type '?[31mred' is not one"),
        ({"model_type": None}, "model_type is missing"),
        ({"layer_types": ["linear_attention"] * 32}, "layers of the kind 'linear_attention' are not"),
        ({"layer_types": ["full_attention"] * 3, "sliding_window": 8}, "layer_types names 3 layers of 32"),
        ({"index_topk": 2048}, "sparse attention (index_topk) of this kind is not in the model of a step"),
        ({"num_local_experts": 8}, "num_experts_per_tok is missing"),
        ({"num_local_experts": 8, "num_experts_per_tok": 9}, "num_experts_per_tok is 9"),
        ({"kv_lora_rank": 512}, "qk_rope_head_dim is missing"),
        ({"tie_word_embeddings": "no"}, "tie_word_embeddings is no, not true or false"),
        ({"quantization_config": {"quant_method": "gguf"}}, "quantization 'gguf' is not known"),
        ({"quantization_config": {}}, "quant_method is missing"),
        ({"quantization_config": 8}, "quantization_config is 8, not an object"),
        ({"quantization_config": {"quant_method": "awq", "bits": 0}}, "bits is 0, not a whole number from 2 to 8"),
        ({"quantization_config": {"quant_method": "modelopt", "quant_algo": "MIXED_PRECISION"}}, "quant_algo"),
        ({"hidden_size": 999_936, "intermediate_size": 999_999, "num_hidden_layers": 1000}, "parameters are more"),
    ],
)
def test_what_is_absurd_gives_a_reason(changes: dict[str, Any], reason: str) -> None:
    said = shape_from_config({**configs.LLAMA_8B, **changes})
    assert isinstance(said, str)
    assert reason in said
    assert said.isprintable()


@pytest.mark.parametrize("config", [None, [], "x", 3, {}])
def test_what_is_no_configuration_gives_a_reason(config: object) -> None:
    assert isinstance(shape_from_config(config), str)


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(data=st.data(), base=st.sampled_from([configs.DEEPSEEK_V3, configs.GPT_OSS_120B, configs.GEMMA3_27B]))
def test_never_an_exception_and_never_a_negative_cost(data: st.DataObject, base: Config) -> None:
    changes = data.draw(st.dictionaries(st.sampled_from(sorted(base)), VALUES, max_size=3))
    shape = shape_from_config({**base, **changes})
    if isinstance(shape, ModelShape):
        assert 0 < shape.active_params <= shape.total_params
        assert 0 < shape.weight_bytes_per_step(7) <= shape.weight_bytes() * 1.001
        assert shape.kv_bytes_per_token() > 0
    else:
        assert shape.isprintable()
