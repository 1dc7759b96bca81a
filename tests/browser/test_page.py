"""The HTML page in headless Chromium: it draws, it says nothing on the console, it prints, it knows dark mode."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest

from results.page.page import page as made_page
from rooftop.cli import main
from session.events import Gpu, GpuReading, GpuSample, Level
from tests.results.recordings import HEADER, real
from tests.results.test_page import finished, state_of, ticks

pytestmark = pytest.mark.browser

KEPT = Path(__file__).parents[2] / "build"
"""Pictures stay here, for a person to look at."""


def chromium(page: Path, home: Path, *flags: str) -> tuple[str, list[str]]:
    """Return what the browser printed, and what the page said on its console."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert program, "needs Chromium: apt-get install chromium"
    done = subprocess.run(
        [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-logging=stderr",
         "--virtual-time-budget=20000", f"--user-data-dir={home}", *flags, page.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return done.stdout, re.findall(r"CONSOLE[:(].*", done.stderr)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    names = [str(real(f"h200-llama-3.1-8b-tp{tp}", folder)) for tp in (1, 4)]
    assert main(["report", *names, "--format", "html", "-o", str(folder / "page.html")]) == 0
    return folder / "page.html"


def test_every_plot_is_drawn_and_the_console_stays_empty(page: Path, tmp_path: Path) -> None:
    dom, console = chromium(page, tmp_path, "--dump-dom", "--window-size=1300,900")
    assert console == []
    drawn = re.search(r'data-drawn="(\d+)"', dom)
    assert drawn
    assert int(drawn[1]) == len(re.findall(r'<div id="[a-z0-9-]+" class="js-plotly-plot"', dom)) >= 14
    assert dom.count('class="main-svg"') >= int(drawn[1])


@pytest.fixture(scope="module")
def hard_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An open loop with bounds, failures and eight GPUs."""
    gpus = [Gpu(t_s=0.0, index=at, name="NVIDIA H200") for at in range(8)]
    samples = [
        GpuSample(t_s=n + 0.5, gpus=[GpuReading(index=at, power_w=400.0 + 10 * at + n, dram_pct=50.0 + at)
                                     for at in range(8)])
        for n in range(10)
    ]  # fmt: skip
    load = [*ticks(10), *(finished(n / 4, "timeout" if n % 9 == 0 else None) for n in range(3, 39))]
    head = msgspec.structs.replace(HEADER, slo={"ttft": 0.25, "tpot": 0.05})
    events = [*gpus, Level(t_s=0.0, concurrency=0, mode="open", rate=4.0), *load, *samples]
    path = tmp_path_factory.mktemp("hard") / "page.html"
    path.write_text(made_page([state_of(events, head)]), encoding="utf-8")
    return path


@pytest.mark.parametrize("look", ["light", "dark"])
def test_an_open_loop_with_bounds_failures_and_eight_gpus(hard_page: Path, tmp_path: Path, look: str) -> None:
    KEPT.mkdir(exist_ok=True)
    picture = KEPT / f"report-open-{look}.png"
    picture.unlink(missing_ok=True)
    dark = ["--force-dark-mode", "--blink-settings=preferredColorScheme=0"] if look == "dark" else []
    assert chromium(hard_page, tmp_path, f"--screenshot={picture}", "--window-size=1300,3300", *dark)[1] == []
    dom, console = chromium(hard_page, tmp_path / "dom", "--dump-dom", "--window-size=1300,900")
    assert console == []
    assert dom.count(">SLO 250 ms<") == 2, "against load and in the distribution"
    assert "power, 8 GPUs: mean and range" in dom
    assert ">timeout<" in dom


def test_this_test_would_see_an_error(tmp_path: Path) -> None:
    broken = tmp_path / "broken.html"
    broken.write_text("<script>nothing.here()</script>")
    assert chromium(broken, tmp_path, "--dump-dom")[1]


@pytest.mark.parametrize("look", ["light", "dark"])
def test_a_picture_is_kept(page: Path, tmp_path: Path, look: str) -> None:
    KEPT.mkdir(exist_ok=True)
    picture = KEPT / f"report-{look}.png"
    picture.unlink(missing_ok=True)
    dark = ["--force-dark-mode", "--blink-settings=preferredColorScheme=0"] if look == "dark" else []
    assert chromium(page, tmp_path, f"--screenshot={picture}", "--window-size=1300,2400", *dark)[1] == []
    assert picture.stat().st_size > 50_000


def test_it_prints(page: Path, tmp_path: Path) -> None:
    pdf = tmp_path / "page.pdf"
    assert chromium(page, tmp_path, f"--print-to-pdf={pdf}")[1] == []
    assert pdf.read_bytes()[:5] == b"%PDF-"
    assert len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes())) >= 3
