"""Shapes of common models, each from the ``config.json`` its makers publish on the Hugging Face hub."""

from __future__ import annotations

import re
from dataclasses import replace

from regime.model import ModelShape

MODELS: dict[str, ModelShape] = {
    shape.name: shape
    for shape in (
        #           name           hidden layers heads kv  dim  ffn    vocab   tied
        ModelShape("llama-3.1-8b", 4096, 32, 32, 8, 128, 14336, 128256),
        ModelShape("llama-3.1-70b", 8192, 80, 64, 8, 128, 28672, 128256),
        ModelShape("llama-3.3-70b", 8192, 80, 64, 8, 128, 28672, 128256),
        ModelShape("llama-3.1-405b", 16384, 126, 128, 8, 128, 53248, 128256),
        ModelShape("llama-3.2-1b", 2048, 16, 32, 8, 64, 8192, 128256, tied=True),
        ModelShape("llama-3.2-3b", 3072, 28, 24, 8, 128, 8192, 128256, tied=True),
        ModelShape("llama-3-8b", 4096, 32, 32, 8, 128, 14336, 128256),
        ModelShape("llama-3-70b", 8192, 80, 64, 8, 128, 28672, 128256),
        ModelShape("llama-2-7b", 4096, 32, 32, 32, 128, 11008, 32000),
        ModelShape("llama-2-13b", 5120, 40, 40, 40, 128, 13824, 32000),
        ModelShape("llama-2-70b", 8192, 80, 64, 8, 128, 28672, 32000),
        ModelShape("qwen2.5-7b", 3584, 28, 28, 4, 128, 18944, 152064),
        ModelShape("qwen2.5-72b", 8192, 80, 64, 8, 128, 29568, 152064),
        ModelShape("qwen3-0.6b", 1024, 28, 16, 8, 128, 3072, 151936, tied=True),
        ModelShape("qwen3-8b", 4096, 36, 32, 8, 128, 12288, 151936),
        ModelShape("qwen3-14b", 5120, 40, 40, 8, 128, 17408, 151936),
        ModelShape("qwen3-32b", 5120, 64, 64, 8, 128, 25600, 151936),
        ModelShape("qwen3-30b-a3b", 2048, 48, 32, 4, 128, 6144, 151936,
                   experts=128, experts_per_token=8, moe_intermediate=768),
        ModelShape("mistral-7b", 4096, 32, 32, 8, 128, 14336, 32000),
        ModelShape("mistral-nemo", 5120, 40, 32, 8, 128, 14336, 131072),
        ModelShape("mixtral-8x7b", 4096, 32, 32, 8, 128, 14336, 32000,
                   experts=8, experts_per_token=2, moe_intermediate=14336),
        ModelShape("opt-125m", 768, 12, 12, 12, 64, 2048, 50272, tied=True),  # two FFN matrices of 3072
    )
}  # fmt: skip
"""Known shapes by short name, 16-bit weights."""

_NEUTRAL = re.compile(
    r"^(instruct|chat|it|hf|base|bf16|fp16|float16|bfloat16|thinking|v\d+(\.\d+)*|2[3-9](0[1-9]|1[0-2])|12b|dynamic)$"
)
_QUANTISED: tuple[tuple[re.Pattern[str], float, bool], ...] = (
    # bytes per weight, with the scales: a 16-bit scale per group of 128, or an 8-bit one per 16 (nvfp4), 32 (mxfp4)
    (re.compile(r"^fp8$|^w8a8fp8$"), 1.0, True),
    (re.compile(r"^(w8a8|int8|w8a16)$"), 1.0, False),
    (re.compile(r"^(awq|gptq|int4|w4a16|4bit)$"), 0.5 + 2 / 128, False),
    (re.compile(r"^nvfp4$"), 0.5 + 1 / 16, False),
    (re.compile(r"^mxfp4$"), 0.5 + 1 / 32, False),
)


def shape_by_name(served_name: str) -> ModelShape | None:
    """Find the shape behind a served name such as ``meta-llama/Llama-3.1-8B-Instruct``; ``None`` if unsure.

    A quantised name gets that format's bytes per weight. A word that is not understood (a distillation, an
    unknown format) means ``None``: a wrong shape would be worse than none.
    """
    plain = served_name.rstrip("/").rsplit("/", 1)[-1].lower().removeprefix("meta-").replace("_", "-")
    for key in sorted(MODELS, key=len, reverse=True):
        if plain == key or plain.startswith(key + "-"):
            words = [word for word in re.split(r"-|(?<=quantized)\.", plain[len(key) :]) if word]
            return _adjusted(MODELS[key], words)
    return None


def _adjusted(shape: ModelShape, words: list[str]) -> ModelShape | None:
    for word in words:
        if word == "quantized" or _NEUTRAL.match(word):
            continue
        found = next(((size, fp8) for pattern, size, fp8 in _QUANTISED if pattern.match(word)), None)
        if found is None:
            return None
        shape = replace(shape, bytes_per_weight=found[0], fp8_compute=found[1])
    if "quantized" in words and shape.bytes_per_weight == 2.0:
        return None
    return shape
