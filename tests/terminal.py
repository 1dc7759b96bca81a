"""A real pseudo-terminal with the program in it, and an emulator that tells what a person would see."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import termios
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

import pexpect
import pyte

from tests.processes import ROOFTOP, environment, wait_for

USUAL = {1049: False, 25: True, 7: True}
"""Alternate screen, cursor, line wrap; every other mode is off."""


class Terminal:
    """``rooftop WORDS`` in a terminal of ``columns`` x ``lines``."""

    def __init__(
        self,
        home: Path,
        words: list[str],
        columns: int = 160,
        lines: int = 45,
        *,
        command: Sequence[str] = ROOFTOP,
        **more: str,
    ) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self._gone = False
        self.raw = bytearray()
        """All that the program has sent."""
        self.process = pexpect.spawn(
            command[0], [*command[1:], *words], env=environment(home, **more), dimensions=(lines, columns), timeout=5
        )
        self.modes_before = termios.tcgetattr(self.process.ptyproc.fd)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is not None and not self._gone:
            print(self.text())
        if self.process.isalive():
            os.kill(self.process.pid, signal.SIGKILL)
            wait_for(lambda: not self.process.isalive())
        self._close()

    def read(self) -> None:
        """Take what the program has sent by now."""
        with contextlib.suppress(pexpect.TIMEOUT, pexpect.EOF):
            while True:
                data = self.process.read_nonblocking(1 << 16, timeout=0.02)
                self.raw += data
                self._stream.feed(data)

    @property
    def bytes(self) -> int:
        """How many bytes the program has sent."""
        return len(self.raw)

    def left_on(self) -> list[str]:
        """Return what the program has changed in the terminal and not put back."""
        self.read()
        state = dict(USUAL)
        for number, letter in re.findall(rb"\x1b\[\?(\d+)([hl])", self.raw):
            state[int(number)] = letter == b"h"
        found = [f"?{number}{'h' if on else 'l'}" for number, on in state.items() if on != USUAL.get(number, False)]
        if self.raw.count(b"\x1b[>") != self.raw.count(b"\x1b[<u"):
            found.append("keyboard protocol")
        if termios.tcgetattr(self.process.ptyproc.fd) != self.modes_before:
            found.append("termios")
        return found

    def text(self) -> str:
        """Return the screen as text."""
        self.read()
        return "\n".join(line.rstrip() for line in self.screen.display)

    def press(self, keys: str) -> None:
        """Type."""
        self.process.send(keys)

    def resize(self, columns: int, lines: int) -> None:
        """Change the terminal's size."""
        self.process.setwinsize(lines, columns)
        self.screen.resize(lines, columns)

    def wait_for(self, text: str, limit_s: float = 20.0) -> None:
        """Wait until the screen shows ``text``."""
        self.wait_until(lambda: text in self.text(), limit_s)

    def wait_until(self, condition: Callable[[], bool], limit_s: float = 20.0) -> None:
        """Wait for a condition while reading what the program sends."""

        def holds() -> bool:
            self.read()
            return condition()

        wait_for(holds, limit_s)

    def wait_exit(self, limit_s: float = 20.0) -> int | None:
        """Wait for the program to end; return its exit code."""
        self.wait_until(lambda: not self.process.isalive(), limit_s)
        return self.process.exitstatus  # type: ignore[no-any-return]

    def hang_up(self) -> None:
        """Close the terminal as a lost SSH connection does: the kernel tells the program, and nobody reads on."""
        self._gone = True
        self._close()

    def _close(self) -> None:
        """Close the terminal's end; pexpect's own way also kills, and gives up too early on a busy machine."""
        pty = self.process.ptyproc
        if not pty.closed:
            pty.fileobj.close()
            pty.closed = self.process.closed = True
