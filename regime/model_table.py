"""Shapes of common models, each from the ``config.json`` its makers publish on the Hugging Face hub."""

from __future__ import annotations

import re
from dataclasses import replace

from regime.attention import GroupedQuery, Latent
from regime.ffn import Experts, Ffn
from regime.model import ModelShape
from regime.precision import SIXTEEN_BITS, Compute, Precision


def _dense(
    name: str, hidden: int, layers: int, heads: int, kv_heads: int, head_dim: int, ffn: int, vocab: int,
    *, tied: bool = False, window: int | None = None, sliding: float = 0.0,
) -> ModelShape:  # fmt: skip
    """One row of a dense model; ``sliding`` of its layers see ``window`` tokens."""
    attention = GroupedQuery(heads, kv_heads, head_dim, window, sliding)
    return ModelShape(name, hidden, layers, vocab, attention, Ffn(ffn), tied)


def _sparse(row: ModelShape, experts: Experts, precision: Precision = SIXTEEN_BITS) -> ModelShape:
    """A row with experts in place of its dense FFN."""
    return replace(row, ffn=replace(row.ffn, experts=experts), precision=precision)


def _deepseek(
    name: str, hidden: int, layers: int, heads: int, ffn: int, vocab: int, q_rank: int | None, experts: Experts,
    precision: Precision = SIXTEEN_BITS,
) -> ModelShape:  # fmt: skip
    """One row with latent attention, whose ranks all of these models share."""
    attention = Latent(heads, kv_rank=512, rope_dim=64, nope_dim=128, v_dim=128, q_rank=q_rank)
    return ModelShape(name, hidden, layers, vocab, attention, Ffn(ffn, experts), precision=precision)


_FP8 = Precision(attention=1.0, ffn=1.0, compute="fp8")
_MXFP4 = Precision(ffn=0.5 + 1 / 32)
"""gpt-oss: only the experts are packed, and they multiply in 16 bits."""

MODELS: dict[str, ModelShape] = {
    shape.name: shape
    for shape in (
        #      name           hidden layers heads kv  dim  ffn    vocab   tied
        _dense("llama-3.1-8b", 4096, 32, 32, 8, 128, 14336, 128256),
        _dense("llama-3.1-70b", 8192, 80, 64, 8, 128, 28672, 128256),
        _dense("llama-3.3-70b", 8192, 80, 64, 8, 128, 28672, 128256),
        _dense("llama-3.1-405b", 16384, 126, 128, 8, 128, 53248, 128256),
        _dense("llama-3.2-1b", 2048, 16, 32, 8, 64, 8192, 128256, tied=True),
        _dense("llama-3.2-3b", 3072, 28, 24, 8, 128, 8192, 128256, tied=True),
        _dense("llama-3-8b", 4096, 32, 32, 8, 128, 14336, 128256),
        _dense("llama-3-70b", 8192, 80, 64, 8, 128, 28672, 128256),
        _dense("llama-2-7b", 4096, 32, 32, 32, 128, 11008, 32000),
        _dense("llama-2-13b", 5120, 40, 40, 40, 128, 13824, 32000),
        _dense("llama-2-70b", 8192, 80, 64, 8, 128, 28672, 32000),
        _dense("qwen2.5-0.5b", 896, 24, 14, 2, 64, 4864, 151936, tied=True),
        _dense("qwen2.5-1.5b", 1536, 28, 12, 2, 128, 8960, 151936, tied=True),
        _dense("qwen2.5-3b", 2048, 36, 16, 2, 128, 11008, 151936, tied=True),
        _dense("qwen2.5-7b", 3584, 28, 28, 4, 128, 18944, 152064),
        _dense("qwen2.5-14b", 5120, 48, 40, 8, 128, 13824, 152064),
        _dense("qwen2.5-32b", 5120, 64, 40, 8, 128, 27648, 152064),
        _dense("qwen2.5-72b", 8192, 80, 64, 8, 128, 29568, 152064),
        _dense("qwen3-0.6b", 1024, 28, 16, 8, 128, 3072, 151936, tied=True),
        _dense("qwen3-1.7b", 2048, 28, 16, 8, 128, 6144, 151936, tied=True),
        _dense("qwen3-4b", 2560, 36, 32, 8, 128, 9728, 151936, tied=True),
        _dense("qwen3-8b", 4096, 36, 32, 8, 128, 12288, 151936),
        _dense("qwen3-14b", 5120, 40, 40, 8, 128, 17408, 151936),
        _dense("qwen3-32b", 5120, 64, 64, 8, 128, 25600, 151936),
        _sparse(_dense("qwen3-30b-a3b", 2048, 48, 32, 4, 128, 6144, 151936), Experts(128, 8, 768)),
        _sparse(_dense("qwen3-235b-a22b", 4096, 94, 64, 4, 128, 12288, 151936), Experts(128, 8, 1536)),
        _dense("mistral-7b", 4096, 32, 32, 8, 128, 14336, 32000),
        _dense("mistral-nemo", 5120, 40, 32, 8, 128, 14336, 131072),
        _dense("mistral-small-24b", 5120, 40, 32, 8, 128, 32768, 131072),
        _sparse(_dense("mixtral-8x7b", 4096, 32, 32, 8, 128, 14336, 32000), Experts(8, 2, 14336)),
        _sparse(_dense("mixtral-8x22b", 6144, 56, 48, 8, 128, 16384, 32768), Experts(8, 2, 16384)),
        _dense("gemma-2-9b", 3584, 42, 16, 8, 256, 14336, 256000, tied=True, window=4096, sliding=21 / 42),
        _dense("gemma-2-27b", 4608, 46, 32, 16, 128, 36864, 256000, tied=True, window=4096, sliding=23 / 46),
        _dense("gemma-3-4b", 2560, 34, 8, 4, 256, 10240, 262208, tied=True, window=1024, sliding=29 / 34),
        _dense("gemma-3-12b", 3840, 48, 16, 8, 256, 15360, 262208, tied=True, window=1024, sliding=40 / 48),
        _dense("gemma-3-27b", 5376, 62, 32, 16, 128, 21504, 262208, tied=True, window=1024, sliding=52 / 62),
        _sparse(_dense("gpt-oss-20b", 2880, 24, 64, 8, 64, 2880, 201088, window=128, sliding=0.5),
                Experts(32, 4, 2880), _MXFP4),
        _sparse(_dense("gpt-oss-120b", 2880, 36, 64, 8, 64, 2880, 201088, window=128, sliding=0.5),
                Experts(128, 4, 2880), _MXFP4),
        _sparse(_dense("llama-4-scout-17b-16e", 5120, 48, 40, 8, 128, 16384, 202048, window=8192, sliding=0.75),
                Experts(16, 1, 8192, shared=8192)),
        _sparse(_dense("llama-4-maverick-17b-128e", 5120, 48, 40, 8, 128, 16384, 202048, window=8192, sliding=0.75),
                Experts(128, 1, 8192, shared=8192, dense_layers=24)),
        _deepseek("deepseek-v2-lite", 2048, 27, 16, 10944, 102400, None, Experts(64, 6, 1408, 2816, 1)),
        _deepseek("deepseek-v2", 5120, 60, 128, 12288, 102400, 1536, Experts(160, 6, 1536, 3072, 1)),
        *(_deepseek(name, 7168, 61, 128, 18432, 129280, 1536, Experts(256, 8, 2048, 2048, 3), _FP8)
          for name in ("deepseek-v3", "deepseek-v3.1", "deepseek-r1")),
        _deepseek("kimi-k2", 7168, 61, 64, 18432, 163840, 1536, Experts(384, 8, 2048, 2048, 1), _FP8),
        replace(_dense("opt-125m", 768, 12, 12, 12, 64, 3072, 50272, tied=True), ffn=Ffn(3072, matrices=2)),
    )
}  # fmt: skip
"""Known shapes by short name, with the weights as their makers publish them: 16 bits unless said."""

_NEUTRAL = re.compile(
    r"^(instruct|chat|it|pt|hf|base|thinking|original|v\d+(\.\d+)*|12b|dynamic"
    r"|2[3-9](0[1-9]|1[0-2])|(0[1-9]|1[0-2])[0-3]\d)$"
)
_QUANTISED: tuple[tuple[re.Pattern[str], float, Compute], ...] = (
    # bytes per weight, with the scales: a 16-bit scale per group of 128, or an 8-bit one per 16 (nvfp4), 32 (mxfp4)
    (re.compile(r"^fp8$|^w8a8fp8$"), 1.0, "fp8"),
    (re.compile(r"^w8a8$"), 1.0, "int8"),
    (re.compile(r"^(int8|w8a16)$"), 1.0, "bf16"),
    (re.compile(r"^(awq|gptq|int4|w4a16|4bit)$"), 0.5 + 2 / 128, "bf16"),
    (re.compile(r"^nvfp4$"), 0.5 + 1 / 16, "fp4"),
)
_WHOLE_16 = re.compile(r"^(bf16|fp16|float16|bfloat16)$")


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
    published = shape.precision
    for word in words:
        found = next(((size, compute) for pattern, size, compute in _QUANTISED if pattern.match(word)), None)
        if found is not None:
            shape = replace(shape, precision=Precision(found[0], found[0], compute=found[1]))
        elif _WHOLE_16.match(word):
            shape = replace(shape, precision=SIXTEEN_BITS)
        elif word != "quantized" and not _NEUTRAL.match(word):
            return None
    if "quantized" in words and shape.precision == published:
        return None
    return shape
