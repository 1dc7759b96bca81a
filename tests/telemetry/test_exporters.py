"""GPUs through exporters: names old and new, blanks, repeated samples, several hosts, and what goes wrong."""

from __future__ import annotations

import contextlib
import pathlib
import time
from collections.abc import Callable, Iterator

import pytest

from session.codec import decode, encode
from session.events import Event, Gpu, GpuReading, GpuSample, Source
from telemetry.exporter_host import ExporterHost
from telemetry.exporter_probe import ExporterProbe
from telemetry.exporters import MIB, read_exporter
from tests.telemetry.http_server import Answer, Events, Site, running

DUMPS = pathlib.Path(__file__).parents[1] / "data" / "metrics"
OLD, NEW, AMD = "dcgm-exporter-3.txt", "dcgm-exporter-2026.txt", "amd-device-metrics-exporter.txt"


def dump(name: str) -> str:
    return (DUMPS / name).read_text(encoding="utf-8")


def exporting(text: str) -> Site:
    return Site({"/metrics": Answer(text.encode())})


def scraped(host: ExporterHost, t_s: float) -> list[GpuReading]:
    host.scrape(t_s)
    return [GpuReading(index=i, **values) for i, values in enumerate(host.readings().values())]


def reading(url: str) -> contextlib.closing[ExporterHost]:
    return contextlib.closing(ExporterHost(url))


@contextlib.contextmanager
def probing(*urls: str) -> Iterator[Events]:
    events = Events()
    probe = ExporterProbe(urls, events.emit, time.monotonic, interval_s=0.02)
    probe.start()
    try:
        yield events
    finally:
        probe.stop()


def has(count: int, missing: int = 0) -> Callable[[Event], bool]:
    return lambda e: (
        isinstance(e, GpuSample) and (len(e.gpus), sum(g.missing is not None for g in e.gpus)) == (count, missing)
    )


def source(ok: bool, words: str = "") -> Callable[[Event], bool]:
    return lambda e: isinstance(e, Source) and e.ok is ok and words in (e.reason or "")


def test_a_dcgm_exporter() -> None:
    with running(exporting(dump(OLD))) as site, reading(site.url + "/metrics") as host:
        first, second = scraped(host, 0.0)
        gpus = list(host.gpus(0.0).values())
    assert first == GpuReading(
        index=0, util_pct=99, mem_util_pct=44, memory_used_bytes=int(73000 * MIB), power_w=412.103, energy_j=81230.0,
        sm_clock_mhz=1980, mem_clock_mhz=2619, temp_c=51, hbm_temp_c=66, throttle=0,
        graphics_pct=0.981 * 100, sm_pct=0.9 * 100, tensor_pct=0.034 * 100,
        dram_pct=0.64 * 100, pcie_tx_bytes_s=1.2e6, pcie_rx_bytes_s=2.2e6,
        nvlink_tx_bytes_s=5e6, nvlink_rx_bytes_s=5.1e6,
    )  # fmt: skip
    assert (second.hbm_temp_c, second.throttle) == (None, 4)
    assert (gpus[0].name, gpus[0].uuid, gpus[0].host) == ("NVIDIA H100 80GB HBM3", "GPU-node-a-0", "node-a")
    assert (gpus[0].source, gpus[0].counters, gpus[0].counters_missing) == ("dcgm", True, None)
    assert gpus[0].memory_total_bytes == int(81000 * MIB)


def test_the_names_of_2026() -> None:
    with running(exporting(dump(NEW))) as site, reading(site.url) as host:
        (gpu,) = scraped(host, 0.0)
    shown = (gpu.graphics_pct, gpu.sm_pct, gpu.sm_occupancy_pct, gpu.tensor_pct, gpu.dram_pct)
    assert shown == pytest.approx((97, 90, 30, 12, 60))


def test_amds_exporter_is_told_by_its_names() -> None:
    with running(exporting(dump(AMD))) as site, reading(site.url) as host:
        (values,) = scraped(host, 0.0)
        (gpu,) = host.gpus(0.0).values()
    assert (values.util_pct, values.mem_util_pct, values.power_w, values.energy_j) == (97, 41, 612, 2.5e6)
    assert (values.sm_clock_mhz, values.temp_c, values.hbm_temp_c) == (2100, 71, 58)
    assert (values.tensor_pct, values.sm_occupancy_pct, values.sm_pct) == (22.5, 31, 88)
    assert (values.dram_pct, values.graphics_pct) == (None, None)
    assert (gpu.name, gpu.source, gpu.counters, gpu.host) == ("AMD Instinct MI300X", "amd", False, "mi1")
    assert "no the DRAM bandwidth" not in str(gpu.counters_missing)
    assert "by arithmetic" in str(gpu.counters_missing)


def test_a_prefix_before_amds_names_is_no_other_exporter() -> None:
    plain, prefixed = read_exporter(dump(AMD)), read_exporter(dump(AMD).replace("\ngpu_", "\namd_gpu_"))
    assert prefixed[0] is plain[0]
    assert next(iter(prefixed[1].values())).values == next(iter(plain[1].values())).values


@pytest.mark.parametrize("blank", ["9223372036854775794", "9.223372036854776e+18", "140737488355328", "NaN", "-1"])
def test_blanks_are_absent(blank: str) -> None:
    text = dump(NEW).replace("} 0.6\n", f"}} {blank}\n")
    _, gpus = read_exporter(text)
    (gpu,) = gpus.values()
    assert "dram_pct" not in gpu.values
    assert gpu.values["tensor_pct"] == pytest.approx(12)


def test_what_is_not_collected_is_said_with_the_way_out() -> None:
    text = "".join(line for line in dump(OLD).splitlines(keepends=True) if "PROF" not in line)
    with running(exporting(text)) as site, reading(site.url) as host:
        host.scrape(0.0)
        gpu = next(iter(host.gpus(0.0).values()))
    assert not gpu.counters
    assert "no DCGM_FI_PROF_DRAM_ACTIVE" in str(gpu.counters_missing)
    assert "SYS_ADMIN" in str(gpu.counters_missing)


def test_mig_instances_are_told_apart() -> None:
    rows = (f'DCGM_FI_PROF_DRAM_ACTIVE{{gpu="0",UUID="G",GPU_I_PROFILE="1g",GPU_I_ID="{i}"}} 0.{i}\n' for i in (7, 8))
    _, gpus = read_exporter("".join(rows))
    assert [gpu.instance for gpu in gpus.values()] == [7, 8]


def test_repeated_samples_age_and_are_warned_of_until_they_change() -> None:
    with running(exporting(dump(OLD))) as site, reading(site.url) as host:
        assert scraped(host, 0.0)[0].age_s is None
        assert scraped(host, 4.0)[0].age_s == 4.0
        assert host.warning() is None
        assert scraped(host, 29.0)[0].age_s == 29.0
        assert host.warning() == f"figures over 5 s old: start the exporter with -c 1000 (127.0.0.1:{site.port})"
        site.answers["/metrics"] = Answer(dump(OLD).replace("81230000", "96230000").encode())
        fresh = scraped(host, 30.0)[0]
    assert (fresh.age_s, host.warning()) == (None, None)
    assert fresh.power_mean_w is None
    """Thirty seconds are too long a stretch to call it the power of now."""


def test_mean_power_comes_from_the_energy_counter() -> None:
    with running(exporting(dump(OLD))) as site, reading(site.url) as host:
        host.scrape(0.0)
        site.answers["/metrics"] = Answer(dump(OLD).replace("81230000", "81730000").encode())
        first, second = scraped(host, 1.0)
    assert (first.power_mean_w, second.power_mean_w) == (500.0, 0.0)


def test_several_hosts_are_one_list_and_one_that_dies_says_so_alone() -> None:
    with (
        running(exporting(dump(OLD))) as one,
        running(exporting(dump(NEW))) as other,
        probing(one.url, other.url) as events,
    ):
        events.wait(has(3))
        events.wait(source(True))
        mark = len(events.all)
        other.answers["/metrics"] = Answer(b"", 503)
        sample = events.wait(has(3, missing=1), mark)
        events.wait(source(True, "answers 503"), mark)
        one.answers["/metrics"] = Answer(b"", 503)
        events.wait(source(False, "answers 503"), mark)
    assert isinstance(sample, GpuSample)
    assert "answers 503" in str(sample.gpus[2].missing)
    assert sample.gpus[0].power_w == 412.103
    gpus = [event for event in events.all if isinstance(event, Gpu)]
    assert [(gpu.index, gpu.host) for gpu in gpus] == [(0, "node-a"), (1, "node-a"), (2, "node-b")]


def test_a_gpu_that_an_exporter_stops_showing_is_missing_not_gone() -> None:
    with running(exporting(dump(OLD))) as site, reading(site.url) as host:
        host.scrape(0.0)
        less = "".join(line for line in dump(OLD).splitlines(keepends=True) if 'gpu="1"' not in line)
        site.answers["/metrics"] = Answer(less.encode())
        first, second = scraped(host, 1.0)
    assert first.missing is None
    assert "no longer shows it" in str(second.missing)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(b"vllm:num_requests_running 1\n"), "neither a DCGM nor an AMD"),
        (Answer(b"", 404), "answers 404"),
        (Answer(b"x" * (9 << 20)), "larger than 8 MiB"),
        (Answer(b"\xff\xfe\x00"), "neither a DCGM"),
    ],
)
def test_what_is_no_exporter(answer: Answer, words: str) -> None:
    with running(Site({"/metrics": answer})) as site, probing(site.url) as events:
        events.wait(source(False, words))
    assert not any(isinstance(event, GpuSample) for event in events.all)


def test_hostile_labels_are_cleaned_and_a_password_is_not_shown() -> None:
    text = dump(NEW).replace("NVIDIA H100 80GB HBM3", "\x1b[31m[red]" + "x" * 500).replace("node-b", "a\\nb\x07")
    with running(exporting(text)) as site, probing(f"http://user:pa55@127.0.0.1:{site.port}/metrics") as events:
        gpu = events.wait(lambda e: isinstance(e, Gpu))
        site.answers["/metrics"] = Answer(b"", 500)
        events.wait(source(False, "500"))
    assert isinstance(gpu, Gpu)
    assert gpu.name.isprintable()
    assert len(gpu.name) <= 96
    assert (gpu.host or "").isprintable()
    assert not any(b"pa55" in encode(event) for event in events.all)
    assert all(decode(encode(event)) == event for event in events.all)


def test_cut_anywhere_it_never_raises() -> None:
    whole = dump(OLD)
    _, truth = read_exporter(whole)
    for end in range(0, len(whole), 37):
        for key, gpu in read_exporter(whole[:end])[1].items():
            assert gpu.values.items() <= truth[key].values.items()
