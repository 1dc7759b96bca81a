"""What the metrics of SGLang, TGI, TensorRT-LLM and llama.cpp are called, where they mean what vLLM's do.

A metric that means something else is left out rather than taken for it: TGI's ``mean_time_per_token_duration`` and
TensorRT-LLM's ``time_per_output_token_seconds`` weigh requests and not steps, its ``iteration_latency_seconds`` is a
gauge of the last step alone, TGI's ``batch_current_max_tokens`` is a budget and no usage, and llama.cpp counts tokens
when a request ends, so they say nothing of the batch of a step.
"""

from __future__ import annotations

from telemetry.families import Kind, counter, parts

SGLANG = Kind(
    title="SGLang",
    prefixes=("sglang:", "sglang_"),
    fields={
        "running": ("num_running_reqs",),
        "waiting": ("num_queue_reqs",),
        "kv_usage": ("token_usage",),
        "prompt_tokens": counter("prompt_tokens"),
        "generation_tokens": counter("generation_tokens"),
        "finished": counter("num_requests"),
        **parts("itl", "inter_token_latency_seconds"),
        **parts("ttft", "time_to_first_token_seconds"),
        **parts("queue", "queue_time_seconds"),
        "flops": counter("estimated_flops_per_gpu"),
        "read_bytes": counter("estimated_read_bytes_per_gpu"),
        "write_bytes": counter("estimated_write_bytes_per_gpu"),
    },
    histograms={"ttft_buckets": ("time_to_first_token_seconds",), "itl_buckets": ("inter_token_latency_seconds",)},
    engine_labels=("dp_rank",),
    first_only=("tp_rank", "pp_rank"),
    cache=("max_total_num_tokens",),
)

TGI = Kind(
    title="TGI",
    prefixes=("tgi_",),
    fields={
        "running": ("batch_current_size",),
        "waiting": ("queue_size",),
        "prompt_tokens": ("request_input_length_sum",),
        "generation_tokens": ("request_generated_tokens_sum",),
        "finished": ("request_success", "request_success_total"),
        **parts("queue", "request_queue_duration"),
    },
    labelled={
        "step_sum_s": (("batch_forward_duration_sum",), "method", "decode"),
        "step_count": (("batch_forward_duration_count",), "method", "decode"),
    },
)

TENSORRT_LLM = Kind(
    title="TensorRT-LLM",
    prefixes=("trtllm_",),
    fields={
        "running": ("num_requests_running",),
        "waiting": ("num_requests_waiting",),
        "kv_usage": ("kv_cache_utilization",),
        "prompt_tokens": counter("prompt_tokens"),
        "generation_tokens": counter("generation_tokens"),
        "finished": counter("request_success"),
        **parts("ttft", "time_to_first_token_seconds"),
        **parts("queue", "request_queue_time_seconds"),
    },
    histograms={"ttft_buckets": ("time_to_first_token_seconds",)},
)

TRITON = Kind(
    title="TensorRT-LLM (Triton)",
    prefixes=("nv_trt_llm_",),
    fields={},
    labelled={
        "running": (("request_metrics",), "request_type", "scheduled"),
        "waiting": (("request_metrics",), "request_type", "waiting"),
        "kv_usage": (("kv_cache_block_metrics",), "kv_cache_block_type", "fraction"),
    },
)

LLAMA_CPP = Kind(
    title="llama.cpp",
    prefixes=("llamacpp:",),
    fields={
        "running": ("requests_processing",),
        "waiting": ("requests_deferred",),
        "kv_usage": ("kv_cache_usage_ratio",),
        "prompt_tokens": counter("prompt_tokens"),
        "generation_tokens": counter("tokens_predicted"),
        "itl_sum_s": counter("tokens_predicted_seconds"),
        "itl_count": counter("tokens_predicted"),
    },
)
