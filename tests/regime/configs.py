"""What ``config.json`` of published models says, cut to the keys that matter here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Config = Mapping[str, Any]


def _dense(kind: str, hidden: int, layers: int, heads: int, kv: int, ffn: int, vocab: int, **more: object) -> Config:
    return {
        "model_type": kind,
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": kv,
        "intermediate_size": ffn,
        "vocab_size": vocab,
        "torch_dtype": "bfloat16",
        **more,
    }


LLAMA_8B = _dense("llama", 4096, 32, 32, 8, 14336, 128256, tie_word_embeddings=False, head_dim=None)
LLAMA_70B = _dense("llama", 8192, 80, 64, 8, 28672, 128256)
QWEN3_30B = _dense(
    "qwen3_moe", 2048, 48, 32, 4, 6144, 151936, head_dim=128, num_experts=128, num_experts_per_tok=8,
    moe_intermediate_size=768, decoder_sparse_step=1, mlp_only_layers=[], sliding_window=None,
    use_sliding_window=False, max_window_layers=48,
)  # fmt: skip
QWEN2_MOE = _dense(
    "qwen2_moe", 2048, 24, 16, 16, 5632, 151936, num_experts=60, num_experts_per_tok=4, moe_intermediate_size=1408,
    shared_expert_intermediate_size=5632, decoder_sparse_step=1, use_sliding_window=False, sliding_window=32768,
)  # fmt: skip
MIXTRAL = _dense("mixtral", 4096, 32, 32, 8, 14336, 32000, num_local_experts=8, num_experts_per_tok=2)
GPT_OSS_120B = _dense(
    "gpt_oss", 2880, 36, 64, 8, 2880, 201088, head_dim=64, num_local_experts=128, num_experts_per_tok=4,
    sliding_window=128, layer_types=["sliding_attention", "full_attention"] * 18,
    quantization_config={
        "quant_method": "mxfp4",
        "modules_to_not_convert": ["model.layers.*.self_attn", "model.layers.*.mlp.router", "lm_head"],
    },
)  # fmt: skip
DEEPSEEK_V3 = _dense(
    "deepseek_v3", 7168, 61, 128, 128, 18432, 129280, q_lora_rank=1536, kv_lora_rank=512, qk_rope_head_dim=64,
    qk_nope_head_dim=128, v_head_dim=128, n_routed_experts=256, n_shared_experts=1, num_experts_per_tok=8,
    moe_intermediate_size=2048, first_k_dense_replace=3, moe_layer_freq=1, num_nextn_predict_layers=1,
    quantization_config={"quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [128, 128]},
)  # fmt: skip
DEEPSEEK_V32: Config = {
    **DEEPSEEK_V3,
    "model_type": "deepseek_v32",
    "index_topk": 2048,
    "index_n_heads": 64,
    "index_head_dim": 128,
}
GLM_5 = _dense(
    "glm_moe_dsa", 6144, 78, 64, 64, 12288, 154880, q_lora_rank=2048, kv_lora_rank=512, qk_rope_head_dim=64,
    qk_nope_head_dim=192, v_head_dim=256, n_routed_experts=256, n_shared_experts=1, num_experts_per_tok=8,
    moe_intermediate_size=2048, first_k_dense_replace=3, moe_layer_freq=1, index_topk=2048, index_n_heads=32,
    index_head_dim=128,
)  # fmt: skip
DEEPSEEK_V2_LITE = _dense(
    "deepseek_v2", 2048, 27, 16, 16, 10944, 102400, q_lora_rank=None, kv_lora_rank=512, qk_rope_head_dim=64,
    qk_nope_head_dim=128, v_head_dim=128, n_routed_experts=64, n_shared_experts=2, num_experts_per_tok=6,
    moe_intermediate_size=1408, first_k_dense_replace=1, moe_layer_freq=1,
)  # fmt: skip
GEMMA3_27B: Config = {
    "model_type": "gemma3",
    "text_config": {
        "model_type": "gemma3_text",
        "head_dim": 128,
        "hidden_size": 5376,
        "intermediate_size": 21504,
        "num_attention_heads": 32,
        "num_hidden_layers": 62,
        "num_key_value_heads": 16,
        "sliding_window": 1024,
    },
    "torch_dtype": "bfloat16",
    "vision_config": {"model_type": "siglip_vision_model", "hidden_size": 1152, "num_hidden_layers": 27},
}
GEMMA3_4B: Config = {
    "model_type": "gemma3",
    "text_config": {
        "model_type": "gemma3_text",
        "hidden_size": 2560,
        "intermediate_size": 10240,
        "num_hidden_layers": 34,
        "sliding_window": 1024,
    },
}
GEMMA2_9B = _dense("gemma2", 3584, 42, 16, 8, 14336, 256000, head_dim=256, sliding_window=4096)
MAVERICK: Config = {
    "model_type": "llama4",
    "text_config": _dense(
        "llama4_text", 5120, 48, 40, 8, 8192, 202048, head_dim=128, intermediate_size_mlp=16384, num_local_experts=128,
        num_experts_per_tok=1, interleave_moe_layer_step=2, attention_chunk_size=8192, tie_word_embeddings=False,
    ),
}  # fmt: skip
SCOUT: Config = {
    "model_type": "llama4",
    "text_config": {**MAVERICK["text_config"], "num_local_experts": 16, "interleave_moe_layer_step": 1},
}
QWEN35_35B: Config = {
    "model_type": "qwen3_5_moe",
    "tie_word_embeddings": False,
    "text_config": {
        **_dense("qwen3_5_moe_text", 2048, 40, 16, 2, 0, 248320),
        "intermediate_size": None,
        "head_dim": 256,
        "attn_output_gate": True,
        "full_attention_interval": 4,
        "layer_types": [*["linear_attention"] * 3, "full_attention"] * 10,
        "linear_key_head_dim": 128,
        "linear_num_key_heads": 16,
        "linear_num_value_heads": 32,
        "linear_value_head_dim": 128,
        "mamba_ssm_dtype": "float32",
        "moe_intermediate_size": 512,
        "shared_expert_intermediate_size": 512,
        "num_experts": 256,
        "num_experts_per_tok": 8,
    },
}
QWEN3_NEXT = _dense(
    "qwen3_next", 2048, 48, 16, 2, 5120, 151936, head_dim=256, full_attention_interval=4, linear_key_head_dim=128,
    linear_num_key_heads=16, linear_num_value_heads=32, linear_value_head_dim=128, moe_intermediate_size=512,
    shared_expert_intermediate_size=512, num_experts=512, num_experts_per_tok=10, decoder_sparse_step=1,
)  # fmt: skip
MISTRAL_V1 = _dense("mistral", 4096, 32, 32, 8, 14336, 32000, sliding_window=4096)
OPT: Config = {
    "model_type": "opt",
    "hidden_size": 768,
    "ffn_dim": 3072,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "vocab_size": 50272,
}


def compressed(bits: int, kind: str, inputs: tuple[int, str] | None, **more: object) -> Config:
    """A ``quantization_config`` of llm-compressor."""
    weights: dict[str, object] = {"num_bits": bits, "type": kind}
    weights["group_size"] = more.pop("group_size", None)
    given = None if inputs is None else {"num_bits": inputs[0], "type": inputs[1]}
    group = {"targets": ["Linear"], "weights": weights, "input_activations": given}
    return {"quant_method": "compressed-tensors", "config_groups": {"group_0": group}, "ignore": ["lm_head"], **more}
