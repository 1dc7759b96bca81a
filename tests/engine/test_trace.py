"""A trace whose load worker dies, and whose speed changes, in a real engine against the simulated server."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from engine.handle import EngineHandle
from engine.wire import Open
from loadgen.plan import Workload
from loadgen.traces import TracePart
from session.events import Level, Request, Trace
from session.playback import fold_file
from session.recording import Reader
from tests.processes import descendants, sim, wait_for

COUNT = 150


def opened(url: str, recording: Path, trace: Path) -> EngineHandle:
    return EngineHandle(
        Open(
            version="0",
            url=url,
            authorization=None,
            path=str(recording),
            workload=Workload(),
            model=None,
            concurrency=0,
            trace=TracePart(path=str(trace)),
            trace_info=Trace(name=trace.name, requests=COUNT, duration_s=COUNT * 0.02),
            workers=1,
            gpus="off",
            simulated=True,
            tp=None,
            model_shape=None,
        )
    )


def test_another_worker_takes_the_place_of_one_that_died(tmp_path: Path) -> None:
    path, trace = tmp_path / "a.rooftop", tmp_path / "toy.jsonl"
    lines = [f'{{"timestamp": {20 * k}, "input_length": {20 + k}, "output_length": 2}}\n' for k in range(COUNT)]
    trace.write_text("".join(lines))
    with sim() as url:
        engine = opened(url, path, trace)
        try:
            engine.wait_ready()
            reader = Reader(path)
            seen: list[object] = []

            def came(what: object) -> bool:
                seen.extend(reader.poll())
                return any(
                    what in (getattr(event, "by", None), getattr(event, "prompt_tokens", None)) for event in seen
                )

            wait_for(lambda: came(40))
            os.kill(descendants(engine.pid)["loadgen.worker"], 9)
            wait_for(lambda: came("worker-lost"))
            engine.set_speed(4.0)
            wait_for(lambda: came("trace-end"))
        finally:
            engine.stop(0.0, "done")
        seen.extend(reader.poll())
        reader.close()
    sent = [event.prompt_tokens for event in seen if isinstance(event, Request)]
    assert not [event for event in seen if isinstance(event, Request) and event.error]
    assert max(Counter(sent).values()) == 1, "nobody is sent twice"
    assert 19 + COUNT in sent
    assert len(sent) > COUNT // 2, "lost are those in flight, and those due while nobody was there"
    assert [(event.speed, event.by) for event in seen if isinstance(event, Level)] == [
        (1.0, "start"),
        (0.0, "worker-lost"),
        (4.0, "key"),
        (0.0, "trace-end"),
    ]


def test_a_file_that_is_gone_when_workers_read_it_loses_the_worker_and_not_the_engine(tmp_path: Path) -> None:
    path = tmp_path / "a.rooftop"
    with sim() as url:
        engine = opened(url, path, tmp_path / "gone")
        try:
            engine.wait_ready()
            wait_for(lambda: fold_file(path).snapshot().client.lost >= 1)
            assert engine.problem() is None
        finally:
            engine.stop(0.0, "done")
    assert fold_file(path).snapshot().ended == "done"
