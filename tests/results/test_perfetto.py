"""The trace, read with the classes that Perfetto generates from its own schema."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as schema

from results.export.perfetto import Span, export
from results.export.protobuf import number, varint
from results.export.slots import assign
from results.run import load
from tests.results.recordings import made, real

Slice = tuple[str, float, float]
"""Name, and seconds of its beginning and end."""


class Read:
    """A trace taken apart."""

    def __init__(self, path: Path) -> None:
        trace = schema.Trace()
        trace.ParseFromString(path.read_bytes())
        trace.DiscardUnknownFields()
        assert trace.ByteSize() == path.stat().st_size, "nothing in it that the schema does not know"
        self.names: dict[int, str] = {}
        self.parents: dict[int, int] = {}
        self.units: dict[int, str] = {}
        self.slices: dict[int, list[Slice]] = defaultdict(list)
        self.counters: dict[int, list[tuple[float, float]]] = defaultdict(list)
        self.marks: list[str] = []
        open_: dict[int, list[tuple[str, float]]] = defaultdict(list)
        for packet in trace.packet:
            if packet.HasField("track_descriptor"):
                self._describe(packet.track_descriptor)
                continue
            event, t_s = packet.track_event, packet.timestamp / 1e9
            if event.type == schema.TrackEvent.TYPE_SLICE_BEGIN:
                open_[event.track_uuid].append((event.name, t_s))
            elif event.type == schema.TrackEvent.TYPE_SLICE_END:
                name, begin_s = open_[event.track_uuid].pop()
                self.slices[event.track_uuid].append((name, begin_s, t_s))
            elif event.type == schema.TrackEvent.TYPE_COUNTER:
                self.counters[event.track_uuid].append((t_s, event.double_counter_value))
            else:
                self.marks.append(event.name)
        assert not any(open_.values()), "every slice ends"

    def _describe(self, told: Any) -> None:
        assert told.uuid not in self.names, "a track is described once"
        self.names[told.uuid] = told.name or told.process.process_name
        self.parents[told.uuid] = told.parent_uuid
        self.units[told.uuid] = told.counter.unit_name

    def of(self, name: str) -> list[Slice]:
        return [one for slices in self.slices.values() for one in slices if one[0] == name]

    def counter(self, group: str, name: str) -> list[tuple[float, float]]:
        (uuid,) = (u for u, n in self.names.items() if n == name and self.names.get(self.parents[u]) == group)
        return self.counters[uuid]


def seconds(slices: list[Slice]) -> float:
    return sum(end_s - begin_s for _, begin_s, end_s in slices)


def test_its_spans_add_up_to_the_reports_figures(tmp_path: Path) -> None:
    source = made(tmp_path / "a.rooftop", requests=120)
    read = Read(export(source, tmp_path / "a.pftrace")[0])
    (level,) = load(source).levels
    begin_s, end_s = level.view.started_s + (level.view.trust.warmup_s if level.view.trust else 0), 1e9
    prefill = [s for s in read.of("prefill") if begin_s <= s[2] <= end_s]
    ttft = level.view.latencies.ttft
    assert ttft.mean is not None
    assert len(prefill) == ttft.count
    assert seconds(prefill) == pytest.approx(ttft.mean * ttft.count, rel=1e-4)
    assert seconds(prefill) + seconds(read.of("decode")) == pytest.approx(
        sum(level.requests.e2e_s) - sum(level.requests.ttft_s) + ttft.mean * ttft.count, rel=1e-6
    )


def test_a_real_session_with_its_counters(tmp_path: Path) -> None:
    source = real("h200-llama-3.1-8b-tp4", tmp_path)
    run = load(source)
    read = Read(export(source, tmp_path / "a.pftrace")[0])
    requests = sum(len(level.requests.end_s) for level in run.levels)
    assert len(read.of("request")) >= requests
    decode_s = sum(e - t for level in run.levels
                   for t, e in zip(level.requests.ttft_s, level.requests.e2e_s, strict=True))  # fmt: skip
    assert seconds(read.of("decode")) == pytest.approx(decode_s, rel=0.01)
    for gpu in run.snapshot.gpus:
        group = f"GPU {gpu.info.index}: {gpu.info.name}"
        dram = read.counter(group, "DRAM")
        assert all(0 <= value <= 100 for _, value in dram)
        assert max(value for _, value in dram) > 20
        assert read.counter(group, "NVLink sent")
    assert "concurrency 256" in read.marks
    assert read.counter("server", "running")


def test_requests_never_overlap_on_a_slot(tmp_path: Path) -> None:
    read = Read(export(real("h200-llama-3.1-8b-tp1", tmp_path), tmp_path / "a.pftrace")[0])
    slots = [uuid for uuid, name in read.names.items() if name.startswith("slot ")]
    assert len(slots) >= 512
    for uuid in slots:
        whole = sorted((begin, end) for name, begin, end in read.slices[uuid] if name == "request")
        assert all(before[1] <= after[0] + 1e-6 for before, after in pairwise(whole))


def test_a_failed_request_is_called_by_its_error(tmp_path: Path) -> None:
    read = Read(export(made(tmp_path / "a.rooftop", failed=1, requests=20), tmp_path / "a.pftrace")[0])
    assert len(read.of("reset")) == 5


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0.001, 50)), max_size=60))
def test_as_many_slots_as_ran_at_once(spans: list[tuple[float, float]]) -> None:
    made_of = [Span(a, a, None, None, a + b, 1, None, 0, None) for a, b in sorted(spans)]
    slots = [slot for slot, _ in assign(made_of)]
    most = max((sum(s.begin_s <= t.begin_s < s.end_s for s in made_of) for t in made_of), default=0)
    assert len(set(slots)) == most


@given(st.integers(0, 2**64 - 1))
def test_numbers_read_back(value: int) -> None:
    packet = schema.TracePacket()
    packet.ParseFromString(number(8, value))
    assert packet.timestamp == value
    assert len(varint(value)) <= 10
