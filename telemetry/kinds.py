"""Which server's metrics a text holds, read into one form, and what is missing from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from session.events import EngineSample
from telemetry.families import Kind, read_kind
from telemetry.other_servers import LLAMA_CPP, SGLANG, TENSORRT_LLM, TGI, TRITON
from telemetry.vllm import VLLM

KINDS = (VLLM, SGLANG, TGI, TENSORRT_LLM, TRITON, LLAMA_CPP)


class Need(NamedTuple):
    """A quantity, the fields of which any brings it, and what is told from it."""

    what: str
    fields: tuple[str, ...]
    serves: str


NEEDS = (
    Need("running requests", ("running",), "batch limit"),
    Need("waiting requests", ("waiting",), "batch limit"),
    Need("KV cache usage", ("kv_usage",), "batch limit"),
    Need("preemptions", ("preemptions",), "batch limit"),
    Need("step time", ("itl_count", "step_count"), "step verdict"),
    Need("step count", ("steps",), "batch and step verdict"),
    Need("computed prompt tokens", ("prompt_computed",), "prefill's part in the step verdict"),
    Need("output tokens", ("generation_tokens",), "check of the client's count"),
    Need("TTFT", ("ttft_count",), "server's own latency"),
    Need("queue time", ("queue_count",), "server's own latency"),
    Need("prefix cache hits", ("prefix_hits",), "hit rate"),
)


class Read(NamedTuple):
    """What a text said."""

    kind: Kind
    engines: dict[str, EngineSample]
    kv_cache_tokens: float | None


def read_metrics(text: str) -> Read | None:
    """Return the first known server's engines in a text, ``None`` where there are none."""
    for kind in KINDS:
        if kind.in_text(text):
            engines, kv_cache_tokens = read_kind(kind, text)
            if engines:
                return Read(kind, engines, kv_cache_tokens)
    return None


def lacking(engines: Mapping[str, EngineSample]) -> list[Need]:
    """Return what no engine tells."""
    return [
        need
        for need in NEEDS
        if not any(getattr(engine, name) is not None for engine in engines.values() for name in need.fields)
    ]


def why_partly(read: Read) -> str | None:
    """Say in one line what a server does not tell, ``None`` where it tells everything."""
    absent = lacking(read.engines)
    return f"{read.kind.title} shows no {', no '.join(need.what for need in absent)}" if absent else None


def why_nothing(text: str) -> str:
    """Say in one line why a text that answered as /metrics holds nothing that is known."""
    head = text[:512].lstrip().lower()
    if head.startswith(("<!doctype", "<html")):
        return "/metrics answers a web page, not metrics: is this address the server itself?"
    for kind in KINDS:
        if kind.in_text(text):
            return f"/metrics answers, but none of {kind.title}'s metrics is one that is known: is it supported?"
    return "/metrics answers but has no metrics of a known server (vLLM, SGLang, TGI, TensorRT-LLM, llama.cpp)"
