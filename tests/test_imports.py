"""What measures must not carry what draws."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module", ["loadgen.worker", "engine.main", "sim.__main__", "session.report", "telemetry.nvml"]
)
def test_what_measures_imports_no_screen(module: str) -> None:
    """Rich alone may come along: httpx imports it for its own command line wherever it is installed."""
    code = f"import sys, {module}; print(*(m for m in sys.modules if m.split('.')[0] in ('textual', 'tui')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_load_worker_is_light() -> None:
    code = "import sys, loadgen.worker; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"httpx", "aiohttp", "pynvml", "telemetry"} & set(done.stdout.split())


def test_the_screen_knows_no_measuring() -> None:
    code = "import sys, tui.app; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"httpx", "aiohttp", "pynvml", "telemetry", "engine", "sim"} & set(done.stdout.split())
