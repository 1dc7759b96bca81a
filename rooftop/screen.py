"""Runs the screen, and gives the terminal back as it was on every way out."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import termios
import threading
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol

from engine.handle import EngineHandle
from rooftop.crash import tell

if TYPE_CHECKING:
    from tui.base import Base

LEAVE_S = 5.0
_RESET = (
    b"\x1b[0m\x1b[?2004l\x1b[?7h\x1b[?2048l"  # colours, bracketed paste, line wrap, resize reports
    b"\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l\x1b[?1004l"  # mouse and focus
    b"\x1b[<u\x1b[?1049l\x1b[?25h"  # keyboard, alternate screen, cursor
)


class Kept:
    """The terminal's modes as they were before."""

    def __init__(self) -> None:
        self._modes = _modes()

    def restore(self, *, force: bool = False) -> None:
        """Put the modes back, where they are not yet, without ever waiting for a terminal that takes nothing."""
        if self._modes is None or (not force and _modes() == self._modes):
            return
        with contextlib.suppress(termios.error, OSError):
            termios.tcsetattr(0, termios.TCSANOW, self._modes)
        with contextlib.suppress(OSError):
            os.set_blocking(2, False)
            os.write(2, _RESET)
        with contextlib.suppress(OSError):
            os.set_blocking(2, True)  # the shell shares this setting


def run_screen(app: Base[Any], engine: EngineHandle | None = None, *, mouse: bool = False) -> int:
    """Run an app to its end; return the exit code. A failure of the screen's own is told in one line."""
    kept = Kept()
    end_on_signals(app, engine, kept.restore)
    crash: BaseException | None
    gc.freeze()  # see rooftop.collecting
    try:
        app.run(mouse=mouse)
        crash = app.crash
    except Exception as error:  # noqa: BLE001 - whatever it is, the terminal comes first
        crash = error
    kept.restore()
    if crash is None:
        return app.return_code or 0
    if engine is not None:
        engine.ask_to_stop("the screen failed")
    tell(crash, "the screen failed; what was recorded is kept")
    return 1


class Leaves(Protocol):
    """A screen that can be left from a signal handler."""

    def leave_soon(self, return_code: int) -> None:
        """Exit soon."""


def end_on_signals(app: Leaves, engine: EngineHandle | None = None, restore: Callable[..., Any] | None = None) -> None:
    """Leave the screen in order when the terminal goes away or somebody ends the process.

    The load stops first. A screen whose terminal is gone, or reads no more, may hang in writing to it: it gets a few
    seconds, and the engine completes the recording without it.
    """

    def give_up(code: int) -> None:
        if restore is not None:
            restore(force=True)
        os._exit(code)

    def leave(number: int, frame: FrameType | None) -> None:
        del frame
        if engine is not None:
            engine.ask_to_stop(f"ended by {signal.Signals(number).name}")
        app.leave_soon(128 + number)
        last = threading.Timer(LEAVE_S, give_up, (128 + number,))
        last.daemon = True
        last.start()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)


def _modes() -> list[Any] | None:
    try:
        return termios.tcgetattr(0)
    except (termios.error, OSError, ValueError):
        return None
