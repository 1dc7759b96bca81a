"""Reads what panels and apps show."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from session.view import Snapshot
from tests.tui.clock import Clock
from tests.tui.fakes import FakeControls, FakeRamp, FakeSession, FakeTape
from tui.app import RooftopApp
from tui.base import Base
from tui.config import Config
from tui.lines import Block, Line, Lines
from tui.ports import Session
from tui.scene import Scene
from tui.sense import FULL, Sense

NOWHERE = Path("/nonexistent-themes")


def text_of(lines: Lines | Block) -> str:
    found = lines.lines if isinstance(lines, Block) else lines
    return "\n".join(line_text(line) for line in found)


def line_text(line: Line) -> str:
    return "".join(text for text, _ in line)


def scene_of(snapshot: Snapshot, **more: object) -> Scene:
    return Scene(snapshot=snapshot, target=snapshot.concurrency, **more)  # type: ignore[arg-type]


def app_of(
    session: Session | None = None,
    controls: FakeControls | None = None,
    *,
    ramp: FakeRamp | None = None,
    theme: str | None = None,
    folder: Path = NOWHERE,
    config: Config | None = None,
    sense: Sense = FULL,
    clock: Clock | None = None,
) -> RooftopApp:
    """A live app, or a replay where the session has a tape; its timer never fires by itself."""
    session = session or FakeSession()
    replay = session.transport is not None and not session.transport.growing
    given = None if replay else controls or FakeControls()
    return RooftopApp(
        session,
        given,
        theme=theme,
        ramp=ramp,
        theme_folder=folder,
        refresh_s=3600,
        config=config or Config(),
        sense=sense,
        clock=clock or time.monotonic,
    )


def replay_of(tape: FakeTape, clock: Clock | None = None) -> RooftopApp:
    return app_of(FakeSession(transport=tape), clock=clock)


def shown(app: RooftopApp, panel: str) -> str:
    """What a panel of the board shows."""
    return text_of(app.board.panel(panel).lines)


def dialog(app: RooftopApp) -> str:
    """The kind of the screen in front."""
    return type(app.screen).__name__


def sent(app: Base[Any]) -> str:
    """What the whole screen is sent as: text and escape codes."""
    return "\n".join(strip.render(app.console) for strip in app.screen._compositor.render_strips())
