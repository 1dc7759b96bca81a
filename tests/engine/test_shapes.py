"""The engine finds the model's shape beside the server and writes it into the recording."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.handle import EngineHandle
from engine.wire import Open
from loadgen.plan import Workload
from session.playback import fold_file
from session.view import Snapshot
from tests.processes import wait_for
from tests.recorded import text_of
from tests.regime import configs
from tests.telemetry.http_server import Answer, models, running, vllm_site


def order(url: str, path: Path) -> Open:
    return Open(
        version="0",
        url=url,
        authorization=None,
        path=str(path),
        workload=Workload(),
        model=None,
        concurrency=0,
        workers=1,
        gpus="off",
        simulated=False,
        tp=None,
        model_shape=None,
    )


def test_a_shape_of_the_cache_is_in_the_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "hub" / "models--deepseek-ai--DeepSeek-V3" / "snapshots" / ("a" * 40)
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(configs.DEEPSEEK_V3))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    site = vllm_site()
    site.answers["/v1/models"] = Answer(models("chat", root="deepseek-ai/DeepSeek-V3"))
    path = tmp_path / "a.rooftop"

    def known() -> Snapshot | None:
        snapshot = fold_file(path).snapshot()
        return snapshot if snapshot.setup and snapshot.setup.shape else None

    with running(site):
        engine = EngineHandle(order(site.url, path))
        try:
            engine.wait_ready()
            snapshot = wait_for(known)
        finally:
            engine.stop(0.0, "done")
    assert snapshot.setup is not None
    assert snapshot.setup.shape is not None
    assert snapshot.setup.shape_source == "Hugging Face cache"
    assert snapshot.setup.shape.total_params == pytest.approx(671e9, rel=0.001)
    assert str(tmp_path) not in text_of(path)
