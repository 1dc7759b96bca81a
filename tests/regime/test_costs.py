from __future__ import annotations

import pytest

from regime.budget import all_reduce_s, ridge_batch, step_budget
from regime.gpus import GpuPeaks, gpu_keys, near_keys, peaks_by_key, peaks_by_name
from regime.model_table import MODELS, shape_by_name

LLAMA = MODELS["llama-3.1-8b"]
H200 = peaks_by_key("h200")


@pytest.mark.parametrize(
    ("name", "billions"),
    [
        ("llama-3.1-8b", 8.03),
        ("llama-3.3-70b", 70.55),
        ("llama-2-7b", 6.74),
        ("qwen3-32b", 32.76),
        ("mixtral-8x7b", 46.70),
        ("qwen3-30b-a3b", 30.53),
        ("mistral-nemo", 12.25),
    ],
)
def test_parameter_counts_are_the_published_ones(name: str, billions: float) -> None:
    assert MODELS[name].total_params / 1e9 == pytest.approx(billions, abs=0.006)


def test_llama_bytes() -> None:
    assert LLAMA.weight_bytes_per_step(1) / 1e9 == pytest.approx(15.01, abs=0.005)
    assert LLAMA.kv_bytes_per_token() == 128 * 1024
    assert LLAMA.kv_bytes_per_gpu(16) == 16 * 1024  # eight heads on sixteen ranks: replicated


def test_experts_touched_grow_with_the_batch() -> None:
    qwen = MODELS["qwen3-30b-a3b"]
    assert qwen.experts_read(1) == pytest.approx(8)
    assert qwen.experts_read(16) == pytest.approx(82.4, abs=0.1)
    assert qwen.weight_bytes_per_step(16) > 5 * qwen.weight_bytes_per_step(1)


def test_ridge() -> None:
    assert H200 is not None
    assert round(ridge_batch(H200)) == round(ridge_batch(H200, LLAMA)) == 206
    fp8, w4 = shape_by_name("Llama-3.1-8B-FP8"), shape_by_name("Llama-3.1-8B-AWQ")
    assert fp8 is not None
    assert w4 is not None
    assert round(ridge_batch(H200, fp8)) == 206
    assert ridge_batch(H200, w4) == pytest.approx(206 / 4, rel=0.05)


def test_budget_crosses_from_weights_to_arithmetic() -> None:
    assert H200 is not None
    small, large = (step_budget(H200, LLAMA, 1, batch, 0, 256) for batch in (8, 512))
    assert small.compute_s == 0
    assert small.memory_s == pytest.approx(small.weights_s + small.kv_s)
    assert large.compute_s == large.gemm_s
    assert large.memory_s == large.kv_s
    assert small.total_s == small.floor_s


def test_all_reduce_has_a_fixed_start_and_no_cost_alone() -> None:
    assert H200 is not None
    assert all_reduce_s(H200, LLAMA, 1, 8) == 0
    assert all_reduce_s(H200, LLAMA, 4, 1) == pytest.approx(64 * 4.9e-6, rel=0.01)
    assert all_reduce_s(H200, LLAMA, 4, 1, graphs=False) > 4 * all_reduce_s(H200, LLAMA, 4, 1)


@pytest.mark.parametrize(
    ("nvml", "key"),
    [
        ("NVIDIA H200", "h200"),
        ("NVIDIA H200 (simulated)", "h200"),
        ("NVIDIA H100 80GB HBM3", "h100"),
        ("NVIDIA H100 PCIe", "h100-pcie"),
        ("NVIDIA H100 NVL", "h100-nvl"),
        ("NVIDIA GH200 480GB", "gh200"),
        ("NVIDIA A100-SXM4-80GB", "a100"),
        ("NVIDIA A100-SXM4-40GB", "a100-40g"),
        ("NVIDIA A100 80GB PCIe", "a100-pcie"),
        ("NVIDIA L40S", "l40s"),
        ("NVIDIA L4", "l4"),
        ("NVIDIA B200", "b200"),
        ("NVIDIA GB200", "gb200"),
        ("NVIDIA GeForce RTX 4090", "rtx-4090"),
        ("NVIDIA RTX PRO 6000 Blackwell Server Edition", "rtx-pro-6000-server"),
        ("Tesla V100-SXM2-16GB", "v100"),
        ("Tesla V100-SXM2-32GB", "v100-32g"),
        ("Tesla V100-PCIE-32GB", "v100-pcie-32g"),
        ("Tesla T4", "t4"),
        ("NVIDIA A10", "a10"),
        ("NVIDIA A100-PCIE-40GB", "a100-40g-pcie"),
        ("NVIDIA GeForce RTX 3090", "rtx-3090"),
        ("NVIDIA GeForce RTX 5090", "rtx-5090"),
        ("NVIDIA RTX 6000 Ada Generation", "rtx-6000-ada"),
        ("NVIDIA RTX PRO 6000 Blackwell Workstation Edition", "rtx-pro-6000"),
        ("NVIDIA B300 SXM6 AC", "b300"),
        ("NVIDIA GB300", "gb300"),
        ("NVIDIA GB10", "gb10"),
        ("AMD Instinct MI250X", "mi250x"),
        ("AMD Instinct MI300X", "mi300x"),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", None),
        ("NVIDIA L40", None),
        ("NVIDIA A10G", None),
        ("NVIDIA H200 NVL", None),
        ("llvmpipe", None),
    ],
)
def test_gpus_by_nvml_name(nvml: str, key: str | None) -> None:
    found = peaks_by_name(nvml)
    assert (found.key if found else None) == key


def test_gpu_keys_are_unique_and_found() -> None:
    assert len(set(gpu_keys())) == len(gpu_keys())
    assert all(peaks_by_key(key.upper()) for key in gpu_keys())
    assert peaks_by_key("abacus") is None


def test_a_gpu_key_that_is_nearly_one() -> None:
    assert near_keys("H2000")[0] == "h200"
    assert "a100-pcie" in near_keys("a100_pcie")
    assert near_keys("~") == []


@pytest.mark.parametrize("gpu", [gpu for key in gpu_keys() if (gpu := peaks_by_key(key))], ids=lambda gpu: gpu.key)
def test_peaks_are_in_proportion(gpu: GpuPeaks) -> None:
    """Dense rates double as the numbers get half as long; a sparse one among them would show."""
    if gpu.fp8_flops is not None:
        assert gpu.fp8_flops / gpu.bf16_flops == pytest.approx(2, rel=0.02)
    if gpu.fp4_flops is not None:
        assert gpu.fp8_flops is not None
        assert 1.9 < gpu.fp4_flops / gpu.fp8_flops < 4.1
    assert 60 < gpu.bf16_flops / gpu.bw_bytes_s < 500
    assert gpu.source


@pytest.mark.parametrize(
    ("served", "name", "size"),
    [
        ("meta-llama/Llama-3.1-8B-Instruct", "llama-3.1-8b", 2.0),
        ("meta-llama/Meta-Llama-3.1-8B", "llama-3.1-8b", 2.0),
        ("llama-3.1-8b", "llama-3.1-8b", 2.0),
        ("/models/Llama-3.3-70B-Instruct/", "llama-3.3-70b", 2.0),
        ("RedHatAI/Meta-Llama-3.1-8B-Instruct-FP8-dynamic", "llama-3.1-8b", 1.0),
        ("RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w4a16", "llama-3.1-8b", 0.515625),
        ("Qwen/Qwen3-32B-AWQ", "qwen3-32b", 0.515625),
        ("Qwen/Qwen3-30B-A3B-Instruct-2507", "qwen3-30b-a3b", 2.0),
        ("mistralai/Mixtral-8x7B-Instruct-v0.1", "mixtral-8x7b", 2.0),
        ("mistralai/Mistral-Nemo-Instruct-2407", "mistral-nemo", 2.0),
        ("openai/gpt-oss-120b", "gpt-oss-120b", 0.53125),
        ("deepseek-ai/DeepSeek-R1-0528", "deepseek-r1", 1.0),
        ("google/gemma-3-27b-it", "gemma-3-27b", 2.0),
        ("nvidia/Llama-3.1-8B-Instruct-NVFP4", "llama-3.1-8b", 0.5625),
        ("meta-llama/Llama-4-Scout-17B-16E-Instruct", "llama-4-scout-17b-16e", 2.0),
        ("unsloth/DeepSeek-V3-bf16", "deepseek-v3", 2.0),
    ],
)
def test_shapes_by_served_name(served: str, name: str, size: float) -> None:
    shape = shape_by_name(served)
    assert shape is not None
    assert (shape.name, shape.bytes_per_weight) == (name, size)


@pytest.mark.parametrize(
    "served",
    ["m", "Qwen3-32B-GGUF", "Llama-3.1-8B-quantized", "x/Llama-3.1-8B-pruned", "", "DeepSeek-R1-Distill-Llama-70B"],
)
def test_no_guess_for_a_name_that_is_not_understood(served: str) -> None:
    assert shape_by_name(served) is None
