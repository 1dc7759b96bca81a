"""``rooftop doctor``: against the simulated server, against nothing, and against servers that show a part."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pynvml
import pytest

from rooftop import machine
from rooftop.cli import main
from telemetry import checks
from telemetry.checks import check_gpus, check_metrics
from telemetry.findings import Finding
from tests.processes import sim
from tests.telemetry.fake_nvml import FakeGpu, FakeNvml
from tests.telemetry.http_server import Answer, Site, running, vllm_site

DUMPS = Path(__file__).parents[1] / "data" / "metrics"


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, Any]]:
    answer = json.loads(capsys.readouterr().out)
    return {finding["name"]: finding for finding in answer["findings"]}


def nobody() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


def test_the_simulated_server_can_be_loaded_and_everything_is_seen(capsys: pytest.CaptureFixture[str]) -> None:
    with sim("--tp", "2") as url:
        assert main(["doctor", url, "--json"]) == 0
    found = told(capsys)
    assert "SIMULATED" in found["server"]["text"]
    assert found["metrics"]["text"].startswith("vLLM")
    assert found["GPUs"]["text"].startswith("2 x NVIDIA H200")
    assert "DRAM, tensor" in found["counters"]["text"]
    assert {found[name]["state"] for name in ("server", "metrics", "model shape", "GPUs", "counters")} == {"ok"}


def test_nobody_there_is_said_in_a_line_and_is_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", nobody()]) == 1
    lines = capsys.readouterr().out.splitlines()
    (server,) = [line for line in lines if line.startswith(" !  server")]
    assert "connection refused; is the server running there?" in server
    assert lines[-1] == "load cannot be run: see the server's line"
    assert all(line[:4] in ("ok  ", " –  ", " !  ") for line in lines[:-1])


def test_a_url_that_is_none_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "ftp://x"]) == 2


def test_a_model_that_is_not_served_is_a_problem(capsys: pytest.CaptureFixture[str]) -> None:
    with running(vllm_site()) as site:
        assert main(["doctor", site.url, "--model", "other", "--json"]) == 1
    found = told(capsys)
    assert "no model 'other'; it serves: m" in found["server"]["text"]
    assert found["model shape"]["state"] == "absent"
    assert "--model-shape" in found["model shape"]["way"]


def test_an_exporter_is_looked_at_in_place_of_this_machine(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "EXPORTER_WAIT_S", 0.01)
    text = (DUMPS / "dcgm-exporter-3.txt").read_text(encoding="utf-8")
    without = "".join(line for line in text.splitlines(keepends=True) if "PROF" not in line)
    with running(vllm_site()) as server, running(Site({"/metrics": Answer(without.encode())})) as site:
        assert main(["doctor", server.url, "--dcgm", f"127.0.0.1:{site.port}", "--json"]) == 0
    found = told(capsys)
    assert "2 x NVIDIA H100" in found["exporter"]["text"]
    assert "DCGM_FI_PROF_DRAM_ACTIVE" in found["verdict"]["text"]
    assert "-c 1000" in found["age"]["way"]
    assert "GPUs" not in found


def test_a_key_is_in_no_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROOFTOP_API_KEY", "sk-very-secret")
    site = vllm_site()
    site.answers["/v1/models"] = Answer(b"", 401)
    with running(site):
        assert main(["doctor", site.url]) == 1
    out = capsys.readouterr().out
    assert "401" in out
    assert "sk-very" not in out


def metrics_of(text: bytes, status: int = 200) -> list[Finding]:
    with running(Site({"/metrics": Answer(text, status)})) as site:
        return list(check_metrics(site.url, None))


def test_what_a_server_does_not_show_is_listed_with_what_it_serves() -> None:
    first, *rest = metrics_of((DUMPS / "tgi-3.3.txt").read_bytes())
    assert (first.state, first.text) == ("ok", "TGI")
    kv = next(one for one in rest if one.name.strip() == "KV cache usage")
    assert (kv.state, kv.text) == ("absent", "not shown by this TGI; serves: batch limit")


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [(b"", 404, "answers 404"), (b"<html>", 200, "web page"), (b"", 401, "ROOFTOP_API_KEY")],
)
def test_why_there_are_no_metrics_and_how_to_get_them(text: bytes, status: int, words: str) -> None:
    (only,) = metrics_of(text, status)
    assert only.state == "absent"
    assert words in only.line
    assert "--enable-metrics" in only.line


HERE = "http://127.0.0.1:1"


def gpus_of(nvml: FakeNvml, url: str = HERE, mode: str = "auto") -> list[Finding]:
    return list(check_gpus(url, mode, simulated=False, nvml=nvml))


def test_nvml_and_gpm() -> None:
    gpus, counters = gpus_of(FakeNvml(FakeGpu(), FakeGpu()))
    assert gpus.text == "NVML: 2 x NVIDIA H200"
    assert counters.text == "DRAM, tensor, kernels resident, NVLink, PCIe"


def test_gpus_without_gpm_and_gpus_that_cannot_be_read() -> None:
    lost = FakeGpu(errors={"*": pynvml.NVML_ERROR_GPU_IS_LOST})
    findings = gpus_of(FakeNvml(FakeGpu(name="NVIDIA A100", gpm=False), lost))
    assert [(one.name.strip(), one.state) for one in findings] == [
        ("GPUs", "ok"),
        ("GPU", "problem"),
        ("verdict", "absent"),
    ]
    assert "GPM" in findings[2].text


def test_no_driver_another_machine_and_switched_off() -> None:
    (none,) = gpus_of(FakeNvml(init_error=pynvml.NVML_ERROR_LIBRARY_NOT_FOUND))
    assert "--dcgm" in none.line
    (elsewhere,) = gpus_of(FakeNvml(FakeGpu()), "http://192.0.2.1:8000")
    assert "another machine" in elsewhere.text
    (off,) = gpus_of(FakeNvml(FakeGpu()), mode="off")
    assert off.state == "absent"


def test_kernel_stamps_are_tried_and_tls_hides_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.check_stamps(tls=True).state == "absent"
    monkeypatch.setattr(machine, "SUPPORTED", False)
    assert machine.check_stamps(tls=False).state == "absent"


@pytest.mark.parametrize(("soft", "state"), [(1024, "problem"), (10_064, "ok"), (-1, "ok")])
def test_the_limit_on_open_files_is_held_against_the_most_concurrency(
    soft: int, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import resource

    monkeypatch.setattr(resource, "getrlimit", lambda which: (soft, soft))
    found = machine.check_files(1)
    assert found.state == state
    if state == "problem":
        assert "960 requests" in found.text
        assert found.way == "for 10,000: ulimit -n 10064"


def test_a_slow_clock_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_clock_cost_ns", lambda: 2500.0)
    assert machine.check_clock().state == "problem"


def test_without_uvloop_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "pip install uvloop" in machine.check_loop().line
