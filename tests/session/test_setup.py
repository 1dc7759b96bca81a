"""What the arithmetic of a session rests on, live and in a replay."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from regime.gpus import peaks_by_key
from regime.model_table import MODELS
from session.codec import decode, encode
from session.events import Event, Gpu, Header, Metrics, Model, Server, Shape
from session.fold import State
from session.report import report
from session.setup import CLOCK, TABLE, Setup
from session.shapes import from_record, to_record
from tests.events import header, ramp

H200 = Gpu(t_s=0.2, index=0, name="NVIDIA H200", dram_peak_bytes_s=4917e9)
SERVER = Server(t_s=0.1, model="meta-llama/Llama-3.1-8B")


@pytest.mark.parametrize("name", MODELS)
def test_every_shape_survives_the_recording(name: str) -> None:
    line = encode(Model(t_s=1.0, shape=to_record(MODELS[name]), source="table"))
    event = decode(line)
    assert isinstance(event, Model)
    assert event.shape is not None
    assert from_record(event.shape) == MODELS[name]


@pytest.mark.parametrize(
    "changes",
    [
        {"layers": 0}, {"hidden": -1}, {"vocab": 10**18}, {"heads": 0}, {"kv_heads": None}, {"head_dim": 0},
        {"window": 0}, {"sliding": 1.5}, {"matrices": 0}, {"ffn_bytes": 0.0}, {"kv_bytes": -1.0}, {"compute": "fp2"},
        {"experts": 8}, {"experts": 8, "experts_per_token": 2, "expert_intermediate": 9, "dense_layers": 99},
    ],
)  # fmt: skip
def test_a_damaged_shape_is_none(changes: dict[str, object]) -> None:
    sound = json.loads(encode(Model(t_s=0.0, shape=to_record(MODELS["llama-3.1-8b"]))))
    sound["shape"].update(changes)
    event = decode(json.dumps(sound).encode())
    assert isinstance(event, Model)
    assert event.shape is not None
    assert from_record(event.shape) is None
    setup = Setup.of(header(), SERVER, {}, event)
    assert (setup.shape, setup.shape_missing) == (None, "the recording's shape is no model's")


def test_what_was_found_when_measuring_counts_before_names() -> None:
    found = Model(t_s=0.1, shape=to_record(MODELS["qwen3-8b"]), source="cache")
    setup = Setup.of(header(), SERVER, {0: H200}, found)
    assert setup.shape == MODELS["qwen3-8b"]
    assert setup.sources == "shape: Hugging Face cache, bandwidth: memory clock"


def test_no_shape_is_kept_with_its_reason() -> None:
    setup = Setup.of(header(), SERVER, {}, Model(t_s=0.1, reason="its config.json: hidden_size is missing"))
    assert setup.shape is None
    assert setup.shape_missing == "its config.json: hidden_size is missing"


def test_recordings_of_older_versions_tell_names_alone() -> None:
    assert Setup.of(header(), SERVER, {}).shape == MODELS["llama-3.1-8b"]
    assert Setup.of(header(model_shape="qwen3-8b"), SERVER, {}).shape == MODELS["qwen3-8b"]
    assert Setup.of(header(), Server(t_s=0.0, model="own"), {}).shape is None


def test_kv_type_of_the_server() -> None:
    setup = Setup.of(header(), SERVER, {}, None, "fp8")
    assert setup.shape is not None
    assert setup.shape.kv_bytes_per_token() == 64 * 1024


@pytest.mark.parametrize(
    ("said", "gpu", "bandwidth", "source"),
    [
        (header(), H200, 4917e9, CLOCK),
        (header(), Gpu(t_s=0.0, index=0, name="NVIDIA H200"), 4800e9, TABLE),
        (header(), Gpu(t_s=0.0, index=0, name="NVIDIA H200", dram_peak_bytes_s=9600e9), 4800e9, TABLE),
        (header(gpu="b200"), None, 8000e9, TABLE),
        (header(gpu="b200"), Gpu(t_s=0.0, index=0, name="NVIDIA X", dram_peak_bytes_s=8184e9), 8184e9, CLOCK),
        (header(gpu="b200"), H200, 8000e9, TABLE),
    ],
)
def test_peaks(said: Header, gpu: Gpu | None, bandwidth: float, source: str) -> None:
    setup = Setup.of(said, SERVER, {0: gpu} if gpu else {})
    base = peaks_by_key(said.gpu or "h200")
    assert base is not None
    assert setup.peaks == replace(base, bw_bytes_s=bandwidth)
    assert setup.bandwidth_source == source


def test_an_unknown_gpu_has_no_peaks() -> None:
    setup = Setup.of(header(), SERVER, {0: Gpu(t_s=0.0, index=0, name="NVIDIA X", dram_peak_bytes_s=1e12)})
    assert (setup.peaks, setup.bandwidth_source) == (None, None)


def test_evidence_and_report_say_where_the_shape_came_from() -> None:
    state = State(header())
    events = list(ramp((1, 8)))
    shape = to_record(MODELS["llama-3.1-8b"])
    state.apply_all([events[0], Model(t_s=0.1, shape=shape, source="root"), *events[1:]])
    figures = report(state.snapshot())
    assert figures["model_shape"]["source"] == "server's config.json"
    assert figures["model_shape"]["parameters"] == pytest.approx(8.03e9, rel=0.001)
    assert figures["gpu_peaks"]["bandwidth_source"] == TABLE
    lines = figures["levels"][1]["verdict"]["evidence"]
    assert any("; shape: server's config.json, bandwidth: built-in table" in line for line in lines)


def test_a_verdict_without_a_shape_says_why() -> None:
    state = State(header())
    reason = "its config.json: model_type 'mamba2' is not one whose layers are known"
    gone: list[Event] = [Server(t_s=0.1, model="x"), Model(t_s=0.1, reason=reason), Metrics(t_s=1.0, engines={})]
    state.apply_all(gone)
    assert f"the model's shape ({reason})" in state.snapshot().verdict.line
    assert report(state.snapshot())["model_shape"]["missing"] == reason


def test_a_shape_is_hashable_for_the_cache_of_conversions() -> None:
    assert isinstance(hash(to_record(MODELS["deepseek-v3"])), int)
    assert from_record(Shape(name="x", hidden=1, layers=1, vocab=1, heads=1, intermediate=1)) is None
