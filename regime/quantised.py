"""Bytes per weight and arithmetic from a ``quantization_config``, as checkpoints on the Hugging Face hub carry it.

Scales count: 16 bits per group of whole-number weights (AWQ, GPTQ, compressed-tensors), 8 bits per 16 weights in
NVFP4 and per 32 in MXFP4 (OCP Microscaling 1.0), 32 bits per 64 in bitsandbytes' 4-bit types (QLoRA, arXiv
2305.14314). Zero points are left out: under 1 % of the weights. A mixture of formats gives no precision.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from regime.fields import Fields, Unclear, shown
from regime.precision import SIXTEEN_BITS, Compute, Precision

_FP8 = Precision(1.0, 1.0, compute="fp8")
_NVFP4 = 0.5 + 1 / 16
_MXFP4 = 0.5 + 1 / 32
_MXFP8 = 1.0 + 1 / 32
_LAYER = re.compile(r"layers\.(\d+)\.")
_MOST_LAYERS = 0.5
_SMALL = re.compile(r"vision|visual|norm|conv1d|in_proj_(ba|a|b)\b|indexer")
"""Modules beside attention's large matrices."""


def precision_of(config: Mapping[str, object] | None, layers: int) -> Precision:
    """Return bytes and arithmetic of a model with so many ``layers``; raise :class:`Unclear` where they are not told.

    Without a configuration everything has 16 bits: servers load even 32-bit files so.
    """
    if config is None:
        return SIXTEEN_BITS
    fields = Fields(config)
    method = fields.text("quant_method") or ("modelopt" if fields.text("quant_algo") else None)
    read = _METHODS.get(method or "")
    if read is None:
        raise Unclear(f"quantization {shown(method)!r} is not known" if method else "quant_method is missing")
    return _keep_attention(read(fields), fields, layers)


def _keep_attention(found: Precision, fields: Fields, layers: int) -> Precision:
    """Leave attention at 16 bits where the list of modules that are not quantised names it in most layers."""
    names = fields.names("ignore", "modules_to_not_convert", "exclude_modules", "ignored_layers")
    dynamic = fields.mapping("dynamic") or {}
    names += [name.removeprefix("-:") for name in dynamic if name.startswith("-:")]
    kept = [name for name in names if "attn" in name and not _SMALL.search(name)]
    numbers = {int(match[1]) for name in kept if (match := _LAYER.search(name))}
    everywhere = any(not _LAYER.search(name) for name in kept)
    return replace(found, attention=2.0) if everywhere or len(numbers) >= _MOST_LAYERS * layers else found


def _weight_only(bits: int, group: int | None) -> Precision:
    size = bits / 8 + (2 / group if group and group > 0 else 0.0)
    return Precision(size, size)


def _integers(fields: Fields) -> Precision:
    """AWQ, GPTQ and AutoRound: unpacked to 16 bits before they multiply."""
    if any(name.startswith("+:") for name in fields.mapping("dynamic") or {}):
        raise Unclear("quantization differs between layers")
    bits = fields.whole("bits", "w_bit", low=2, high=8)
    return _weight_only(bits, fields.optional("group_size", "q_group_size", low=-1, high=65536))


def _bitsandbytes(fields: Fields) -> Precision:
    if fields.flag("load_in_8bit", False):
        return _weight_only(8, None)
    if not fields.flag("load_in_4bit", False):
        raise Unclear("bitsandbytes says neither load_in_4bit nor load_in_8bit")
    double = fields.flag("bnb_4bit_use_double_quant", False)
    size = 0.5 + (1 / 64 + 4 / (64 * 256) if double else 4 / 64)
    return Precision(size, size)


def _modelopt(fields: Fields) -> Precision:
    algorithm = (fields.text("quant_algo") or "").upper()
    found = _ALGORITHMS.get(algorithm)
    if found is None:
        raise Unclear(f"quant_algo {shown(algorithm)!r} is not known")
    if fields.mapping("kv_cache_scheme"):
        return _kv8(found)
    return found.with_kv(fields.text("kv_cache_quant_algo") or fields.text("kv_cache_scheme"))


def _compressed(fields: Fields) -> Precision:
    groups = fields.mapping("config_groups") or {}
    found = {_group(Fields(group)) for group in groups.values() if isinstance(group, Mapping)}
    if not found:
        raise Unclear("config_groups names no weights")
    if len(found) > 1:
        raise Unclear("quantization differs between layers")
    return _kv8(found.pop()) if fields.mapping("kv_cache_scheme") else found.pop()


def _group(fields: Fields) -> Precision:
    weights = Fields(fields.mapping("weights") or {})
    bits = weights.whole("num_bits", low=2, high=16)
    kind = weights.text("type")
    group = weights.optional("group_size", low=-1, high=65536)
    inputs = fields.mapping("input_activations")
    if kind == "float" and bits == 4:
        size, compute = (_MXFP4 if group == 32 else _NVFP4), _by_inputs(inputs)
        return Precision(size, size, compute=compute)
    scales = 2 / group if group and group > 0 else 0.0
    return Precision(bits / 8 + scales, bits / 8 + scales, compute=_by_inputs(inputs))


def _by_inputs(inputs: Mapping[str, object] | None) -> Compute:
    """Activations decide the arithmetic: weights are brought to their type."""
    if inputs is None:
        return "bf16"
    fields = Fields(inputs)
    match fields.optional("num_bits", low=2, high=16), fields.text("type"):
        case 8, "float":
            return "fp8"
        case 8, "int":
            return "int8"
        case 4, "float":
            return "fp4"
    return "bf16"


def _always(found: Precision) -> Callable[[Fields], Precision]:
    def read(fields: Fields) -> Precision:
        del fields
        return found

    return read


def _kv8(found: Precision) -> Precision:
    return replace(found, kv=1.0)


_ALGORITHMS: dict[str, Precision] = {
    "FP8": _FP8,
    "FP8_PER_CHANNEL_PER_TOKEN": _FP8,
    "FP8_PB_WO": Precision(1.0, 1.0),
    "NVFP4": Precision(_NVFP4, _NVFP4, compute="fp4"),
    "NVFP4_AWQ": Precision(_NVFP4, _NVFP4, compute="fp4"),
    "MXFP8": Precision(_MXFP8, _MXFP8, compute="fp8"),
    "W4A16_AWQ": _weight_only(4, 128),
}
_METHODS: dict[str, Callable[[Fields], Precision]] = {
    "fp8": _always(_FP8),
    "fbgemm_fp8": _always(_FP8),
    "compressed-tensors": _compressed,
    "awq": _integers,
    "awq_marlin": _integers,
    "gptq": _integers,
    "gptq_marlin": _integers,
    "auto-round": _integers,
    "intel/auto-round": _integers,
    # vLLM packs the experts alone; on Hopper and older they multiply in 16 bits
    "mxfp4": _always(Precision(2.0, _MXFP4)),
    "bitsandbytes": _bitsandbytes,
    "modelopt": _modelopt,
    "modelopt_fp4": _modelopt,
    "modelopt_mxfp8": _modelopt,
}
