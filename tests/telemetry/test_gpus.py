"""The GPU probe: which GPUs it reads, and what it says where there are none."""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pynvml
import pytest

from session.events import Event, Gpu, GpuSample, Log, Source
from telemetry.gpus import GpuProbe, is_local
from tests.telemetry.fake_nvml import FakeGpu, FakeNvml
from tests.telemetry.http_server import WAIT_S, Answer, Events, Site, running, vllm_site

HERE = "http://127.0.0.1:1"
ELSEWHERE = "http://192.0.2.1:8000"
NO_NVML = FakeNvml(init_error=pynvml.NVML_ERROR_LIBRARY_NOT_FOUND)


@contextlib.contextmanager
def probing(url: str, nvml: FakeNvml = NO_NVML, **more: Any) -> Iterator[Events]:
    events = Events()
    more = {"interval_s": 0.02, "nvml": nvml, **more}
    probe = GpuProbe(url, events.emit, time.monotonic, **more)
    probe.start()
    try:
        yield events
    finally:
        start = time.monotonic()
        probe.stop()
        assert time.monotonic() - start < 1.0


def missing(words: str) -> Callable[[Event], bool]:
    return lambda e: isinstance(e, Source) and not e.ok and e.source == "gpus" and words in (e.reason or "")


def is_sample(event: Event) -> bool:
    return isinstance(event, GpuSample)


def test_local_gpus() -> None:
    nvml = FakeNvml(FakeGpu(), FakeGpu())
    with probing(HERE, nvml, interval_s=0.11) as events:
        sample = events.wait(lambda e: isinstance(e, GpuSample) and e.gpus[0].dram_pct is not None)
    assert isinstance(sample, GpuSample)
    assert [reading.index for reading in sample.gpus] == [0, 1]
    assert [type(e) for e in events.all[:4]] == [Gpu, Gpu, Source, GpuSample]
    assert (nvml.alive, nvml.shut_down) == (set(), 1)


def test_a_client_machine_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, enough = itertools.count(1), threading.Event()
    monkeypatch.setattr(GpuProbe, "_ask", lambda self: enough.set() if next(asked) == 4 else None)
    with probing(HERE) as events:
        event = events.wait(missing("that is normal on a client machine"))
        assert enough.wait(WAIT_S)
    assert events.all == [event]


def test_gpus_of_another_machine_are_not_taken_for_the_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GpuProbe, "_ask", lambda self: None)
    nvml = FakeNvml(FakeGpu())
    with probing(ELSEWHERE, nvml) as events:
        events.wait(missing("the server is on another machine (192.0.2.1)"))
    assert nvml.calls == []


def test_local_mode_reads_here_wherever_the_server_is() -> None:
    with probing(ELSEWHERE, FakeNvml(FakeGpu()), mode="local") as events:
        events.wait(is_sample)


def test_off_reads_nothing() -> None:
    nvml = FakeNvml(FakeGpu())
    with probing(HERE, nvml, mode="off") as events:
        events.wait(missing("switched off"))
    assert len(events.all) == 1
    assert nvml.calls == []


def test_a_lost_gpu_is_logged_and_the_last_one_ends_the_source() -> None:
    first, second = FakeGpu(), FakeGpu()
    with probing(HERE, FakeNvml(first, second)) as events:
        events.wait(is_sample)
        first.errors["*"] = pynvml.NVML_ERROR_GPU_IS_LOST
        events.wait(lambda e: isinstance(e, Log) and "GPU 0 is lost" in e.text)
        events.wait(is_sample, len(events.all))
        second.errors["*"] = pynvml.NVML_ERROR_GPU_IS_LOST
        events.wait(missing("every GPU is lost"))
    assert sum(isinstance(e, Log) for e in events.all) == 2


def simulated(**reading: Any) -> Site:
    site = vllm_site()
    site.server = "rooftop-sim"
    gpu = {"index": 0, "name": "NVIDIA H200 (simulated)", "uuid": "SIM-0", "dram_peak_bytes_s": 4.8e12}
    gpu |= {"memory_total_bytes": 150, "power_limit_w": 700.0, "sm_clock_max_mhz": 1980, "util_pct": 99.0, "new": 1}
    gpu |= reading
    body = {"simulated": True, "tp": 1, "gpus": [gpu]}
    site.answers["/sim/gpus"] = Answer(json.dumps(body).encode())
    return site


def test_a_simulated_servers_gpus_are_read_from_it() -> None:
    nvml = FakeNvml(FakeGpu())
    with running(simulated(dram_pct=64.5, tensor_pct=None)) as site, probing(site.url, nvml) as events:
        gpu = events.wait(lambda e: isinstance(e, Gpu))
        sample = events.wait(is_sample)
        events.wait(is_sample, len(events.all))
    assert isinstance(gpu, Gpu)
    assert (gpu.name, gpu.counters, gpu.dram_peak_bytes_s) == ("NVIDIA H200 (simulated)", True, 4.8e12)
    assert isinstance(sample, GpuSample)
    assert (sample.gpus[0].util_pct, sample.gpus[0].dram_pct, sample.gpus[0].tensor_pct) == (99.0, 64.5, None)
    assert sum(isinstance(e, Gpu) for e in events.all) == 1
    assert nvml.calls == []


@pytest.mark.parametrize("body", [b"", b"[]", b'{"gpus":3}', b'{"gpus":[{"index":"x"},7,{"index":0,"util_pct":"a"}]}'])
def test_a_simulated_server_that_talks_nonsense_does_no_harm(body: bytes) -> None:
    site = simulated()
    site.answers["/sim/gpus"] = Answer(body)
    with running(site), probing(site.url) as events:
        event = events.wait(lambda e: isinstance(e, Source))
    assert isinstance(event, Source)
    assert event.ok is False
    assert "simulated server shows no" in (event.reason or "")


def test_a_simulator_that_starts_later_is_found() -> None:
    site = simulated()
    with running(site):
        pass
    with probing(site.url) as events:
        events.wait(missing("no NVIDIA driver"))
        with running(site):
            events.wait(is_sample)


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://localhost:8000", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:8000/v1", True),
        ("http://0.0.0.0:8000", True),
        (ELSEWHERE, False),
        ("nonsense", False),
    ],
)
def test_is_local(url: str, local: bool) -> None:
    assert is_local(url) is local


def test_a_name_is_local_when_it_stands_for_an_own_address(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = {"here": "127.0.0.1", "there": "192.0.2.1"}

    def look_up(host: str, *args: Any, **more: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_DGRAM, 17, "", (addresses[host], 0))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert is_local("http://here:8000")
    assert not is_local("http://there:8000")
