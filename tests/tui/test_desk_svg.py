"""The set-up and sessions screens as they look; see test_screens_svg.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rooftop.setup_form import FlagForm
from session.catalogue import Entry
from tests.tui.desk_fakes import FakeLibrary, FakeWorks, recorded
from tests.tui.helpers import NOWHERE, text_of
from tui.config import Config
from tui.desk.app import DeskApp
from tui.desk.compare import CompareScreen
from tui.desk.ports import ServerSays
from tui.panel import Panel

Compare = Callable[..., bool]
SIZES = {"160x45": (160, 45), "80x24": (80, 24)}
THEMES = ["rooftop-dark", "rooftop-light"]


class AnsweredForm(FlagForm):
    def ask_server(self, texts: object) -> ServerSays:
        return ServerSays("vLLM 0.25.1: 2 models", ok=True, models=("llama-3.1-8b", "llama-3.1-8b-lora"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    for name in ("CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path))


def library() -> FakeLibrary:
    return FakeLibrary(
        recorded("h200-tp1"),
        recorded("h200-tp4", gpus=4, tp=4, levels=4, peak_tok_s=27446.2, duration_s=43.1, size_bytes=491_980,
                 started_at="2026-11-21T06:48:23.925+00:00"),
        recorded("demo", model="llama-3.1-8b", simulated=True, started_at="2026-11-20T06:48:23.925+00:00",
                 gpu="NVIDIA H200 (simulated)", duration_s=4000.0, size_bytes=12_300_000, ended=None),
        recorded("now", started_at="2026-11-21T08:00:00+00:00", writing=True).__class__(
            path=Path("/recordings/now.rooftop"), size_bytes=123_456, changed_s=1_795_240_000.0,
            started_at="2026-11-21T08:00:00+00:00", target="https://llm.example.com", writing=True),
        Entry(path=Path("/recordings/future.rooftop"), size_bytes=46, changed_s=1_795_230_000.0,
              problem="the recording has format 99, written by rooftop 9.1; this version reads up to 1: upgrade "
                      "rooftop to open it"),
    )  # fmt: skip


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", list(SIZES))
def test_setup(snap_compare: Compare, size: str, theme: str) -> None:
    texts = {"url": "http://gpu1:8000", "endpoint": "chat", "prompt-tokens": "normal:512,64", "seed": "7x"}
    app = DeskApp("setup", form=AnsweredForm(), library=library(), texts=texts, profile="h200", theme=theme,
                  theme_folder=NOWHERE)  # fmt: skip

    async def answered(pilot: Any) -> None:
        for _ in range(500):
            screen = app.get_screen("setup")
            if screen._models and "cannot start" in text_of(screen.query_one("#message", Panel).lines):  # type: ignore[attr-defined]
                return
            await pilot.pause(0.01)

    assert snap_compare(app, terminal_size=SIZES[size], run_before=answered)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", list(SIZES))
def test_sessions(snap_compare: Compare, size: str, theme: str) -> None:
    app = DeskApp("sessions", form=AnsweredForm(), library=library(), works=FakeWorks(), theme=theme,
                  theme_folder=NOWHERE, look_s=3600)  # fmt: skip

    async def marked(pilot: Any) -> None:
        await listed(pilot, app)
        await pilot.press("j", "space", "j")

    assert snap_compare(app, terminal_size=SIZES[size], run_before=marked)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", list(SIZES))
def test_compare(snap_compare: Compare, size: str, theme: str) -> None:
    app = DeskApp("sessions", form=AnsweredForm(), library=library(), works=FakeWorks(levels=6), theme=theme,
                  theme_folder=NOWHERE, config=Config(), look_s=3600)  # fmt: skip

    async def compared(pilot: Any) -> None:
        await listed(pilot, app)
        await pilot.press("j", "space", "space", "space", "c")
        for _ in range(500):
            if isinstance(app.screen, CompareScreen) and app.screen.found is not None:
                return
            await pilot.pause(0.01)

    assert snap_compare(app, terminal_size=SIZES[size], run_before=compared)


async def listed(pilot: Any, app: DeskApp) -> None:
    for _ in range(500):
        if app.get_screen("sessions").shown:  # type: ignore[attr-defined]
            return
        await pilot.pause(0.01)
