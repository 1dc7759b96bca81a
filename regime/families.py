"""The kinds of models whose layers are understood, by the ``model_type`` of their ``config.json``.

Defaults are those of the family's configuration class in the transformers library, and only where published files
rely on them. A kind that is not here gets no shape: its layers may hold what the formulas do not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Family:
    """How one kind of model differs from a plain decoder with a gated FFN."""

    tied: bool = False
    """Whether output head and embedding share weights where the file does not say."""
    matrices: int = 3
    gated: bool = False
    """Whether full attention has a gate on its output where the file does not say."""
    pattern: int | None = None
    """Every so many-th layer sees all of the context, the others the window, where the file lists no layers."""
    slides: bool = True
    """Whether ``sliding_window`` alone means that layers slide; Qwen also wants ``use_sliding_window``."""
    shared_as_wide: bool = False
    """One shared expert as wide as a routed one, which the file does not mention (Llama 4)."""
    defaults: Mapping[str, object] = field(default_factory=dict)


_PLAIN = Family()
_TIED = Family(tied=True)
_QWEN = Family(slides=False)
_UNGATED = Family(matrices=2)
_GEMMA3 = Family(
    tied=True,
    pattern=6,
    defaults={"vocab_size": 262208, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256},
)
_LLAMA4 = Family(pattern=4, shared_as_wide=True)

FAMILIES: dict[str, Family] = {
    **dict.fromkeys(
        ("llama", "mistral", "ministral", "mixtral", "phi3", "granite", "stablelm", "olmo", "olmo2", "olmoe", "glm",
         "glm4", "glm4_moe", "deepseek_v2", "deepseek_v3", "kimi_k2", "seed_oss", "internlm2", "internlm3", "yi",
         "minicpm", "exaone", "minimax_m2", "ernie4_5", "aquila", "baichuan", "mimo", "hunyuan_v1_dense",
         "deepseek_v32", "glm_moe_dsa"),
        _PLAIN,
    ),
    **dict.fromkeys(
        ("qwen2", "qwen2_moe", "qwen3", "qwen3_moe", "qwen2_vl", "qwen2_vl_text", "qwen2_5_vl", "qwen2_5_vl_text",
         "qwen3_vl_text", "qwen3_vl_moe_text"),
        _QWEN,
    ),
    "gpt_oss": Family(pattern=2),
    "olmo3": Family(pattern=4),
    **dict.fromkeys(
        ("qwen3_next", "qwen3_5", "qwen3_5_text", "qwen3_5_moe", "qwen3_5_moe_text"), Family(slides=False, gated=True)
    ),
    "smollm3": Family(tied=True, slides=False),
    "gemma": Family(tied=True, defaults={"head_dim": 256}),
    "gemma2": Family(tied=True, pattern=2, defaults={"head_dim": 256, "sliding_window": 4096}),
    "gemma3": _GEMMA3,
    "gemma3_text": _GEMMA3,
    "cohere": _TIED,
    "cohere2": Family(tied=True, pattern=4),
    "llama4": _LLAMA4,
    "llama4_text": _LLAMA4,
    "opt": Family(tied=True, matrices=2),
    "starcoder2": Family(tied=True, matrices=2),
    "gpt_neox": _UNGATED,
    "phi": _UNGATED,
    "nemotron": _UNGATED,
}  # fmt: skip
"""Family by ``model_type``."""

NESTED = ("text_config", "llm_config", "language_config")
"""Where multimodal models keep their decoder."""

UNKNOWN_PARTS: Mapping[str, str] = {
    "ssm_state_size": "state-space layers",
    "mamba_d_state": "state-space layers",
    "attn_layer_period": "state-space layers",
    "cross_attention_layers": "cross-attention",
    "hidden_size_per_layer_input": "per-layer embeddings",
    "num_kv_shared_layers": "layers that share keys and values",
}
"""Keys of what the formulas do not know: their presence means no shape."""
