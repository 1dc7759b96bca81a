"""``--dcgm``: GPUs of an exporter, from the flag to the report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rooftop.cli import main
from rooftop.options import exporter
from tests.processes import rooftop, sim
from tests.recorded import text_of
from tests.telemetry.http_server import Answer, Site, running

DUMPS = Path(__file__).parents[1] / "data" / "metrics"


def test_a_run_records_the_exporters_gpus_in_place_of_this_machines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run.rooftop"
    site = Site({"/metrics": Answer((DUMPS / "dcgm-exporter-3.txt").read_bytes())})
    with sim() as url, running(site):
        address = f"http://user:pa55@127.0.0.1:{site.port}/metrics"
        done = rooftop(
            tmp_path, "run", url, "--concurrency", "4", "--hold", "4s", "--output-tokens", "16",
            "--dcgm", address, "-o", str(path),
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert main(["report", str(path), "--format", "json"]) == 0
    (level,) = json.loads(capsys.readouterr().out)["levels"]
    assert [(gpu["index"], gpu["source"], gpu["host"]) for gpu in level["gpus"]] == [
        (0, "dcgm", "node-a"),
        (1, "dcgm", "node-a"),
    ]
    assert level["gpus"][0]["dram_bw_util_pct"] == 64.0
    assert level["server"]["kind"] == "vLLM"
    assert level["server"]["ttft_ms"]["p50"] is not None
    assert "pa55" not in text_of(path)


def test_a_host_and_port_will_do_and_nonsense_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert exporter("gpu1:9400") == "http://gpu1:9400"
    with pytest.raises(SystemExit) as error:
        main(["run", "http://127.0.0.1:1", "--concurrency", "1", "--dcgm", "ftp://x"])
    assert error.value.code == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.endswith("argument --dcgm: ftp://x is no http URL; give one such as http://gpu1:9400")
