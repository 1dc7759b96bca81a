"""A program in a pseudo-terminal: every byte it sends with the time at which it came, and answers to what it asks."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

import pyte

COLUMNS, LINES = 160, 45
_QUERIES: tuple[tuple[re.Pattern[bytes], bytes], ...] = (
    (re.compile(rb"\x1b\[0?c"), b"\x1b[?62;22c"),
    (re.compile(rb"\x1b\[6n"), b"\x1b[1;1R"),
    (re.compile(rb"\x1b\[\?2026\$p"), b"\x1b[?2026;2$y"),
    (re.compile(rb"\x1b\[\?2048\$p"), b"\x1b[?2048;0$y"),
    (re.compile(rb"\x1b\[\?u"), b"\x1b[?0u"),
)
"""What programs ask a terminal, and what a modern one answers: it can hold a frame back until it is whole."""
_NOT_PYTES = re.compile(r"\x1b\[[<>=?][0-9;]*[$u]p?|\x1b\[\?[0-9;]*\$p|\x1b\]8;[^\x1b]*\x1b\\")
"""What pyte would print as text."""


@dataclass(slots=True)
class Taken:
    """What the program sent, chunk by chunk: seconds since its start, and bytes."""

    chunks: list[tuple[float, bytes]] = field(default_factory=list)

    def size(self, from_s: float = 0.0, to_s: float = float("inf")) -> int:
        """Return the bytes that came between two times."""
        return sum(len(data) for t_s, data in self.chunks if from_s <= t_s < to_s)

    def first(self, from_s: float) -> float | None:
        """Return when the first byte came at or after a time."""
        return next((t_s for t_s, _ in self.chunks if t_s >= from_s), None)


class Terminal:
    """A child in a pseudo-terminal of 160x45; read it by :meth:`read`, for nothing reads it otherwise."""

    def __init__(self, argv: list[str], env: dict[str, str], columns: int = COLUMNS, lines: int = LINES) -> None:
        self.taken = Taken()
        self.closed = False
        """The program has let go of the terminal: it has ended, or is about to."""
        self._seen = b""
        self.columns, self.lines = columns, lines
        self.began = time.monotonic()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            self._become(argv, env)
        self._resize()

    def _become(self, argv: list[str], env: dict[str, str]) -> None:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", self.lines, self.columns, 0, 0))
        try:
            os.execvpe(argv[0], argv, env)
        finally:
            os._exit(127)

    def _resize(self) -> None:
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", self.lines, self.columns, 0, 0))

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.alive():
            os.kill(self.pid, signal.SIGTERM)
            end = time.monotonic() + 5
            while self.alive() and time.monotonic() < end:
                self.read(0.05)
        if self.alive():
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._fd)

    def alive(self) -> bool:
        """Whether the program runs."""
        try:
            return os.waitpid(self.pid, os.WNOHANG) == (0, 0)
        except ChildProcessError:
            return False

    @property
    def now_s(self) -> float:
        """Seconds since the program was started."""
        return time.monotonic() - self.began

    def press(self, keys: str) -> float:
        """Type; return when."""
        at = self.now_s
        os.write(self._fd, keys.encode())
        return at

    def read(self, for_s: float) -> None:
        """Take what comes in so many seconds, and answer questions."""
        end = time.monotonic() + for_s
        while (left := end - time.monotonic()) > 0 and self._take(left):
            pass

    def read_until(self, done: Callable[[], bool], limit_s: float = 20.0) -> bool:
        """Read until something holds."""
        end = time.monotonic() + limit_s
        while not done():
            if time.monotonic() > end or not self._take(0.02):
                return False
        return True

    def read_until_quiet(self, quiet_s: float = 0.5, limit_s: float = 20.0) -> None:
        """Read until nothing has come for a while."""
        end = time.monotonic() + limit_s
        while time.monotonic() < end and self.alive():
            before = len(self.taken.chunks)
            self.read(quiet_s)
            if len(self.taken.chunks) == before and before:
                return

    def read_until_shown(self, shows: Callable[[str], bool], limit_s: float = 20.0) -> None:
        """Read until the screen's text is as it should be; raise ``TimeoutError`` where it never is."""
        picture, fed = Picture(self.columns, self.lines), 0
        end = time.monotonic() + limit_s
        while not shows(picture.text()):
            if time.monotonic() > end or not self._take(0.05):
                raise TimeoutError("the screen never came")
            for _, data in self.taken.chunks[fed:]:
                picture.feed(data)
            fed = len(self.taken.chunks)

    def _take(self, wait_s: float) -> bool:
        if not select.select([self._fd], [], [], wait_s)[0]:
            return True
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:
            data = b""
        if not data:
            self.closed = True
            return False
        self.taken.chunks.append((self.now_s, data))
        self._answer(data)
        return True

    def _answer(self, data: bytes) -> None:
        """Answer each question once; one may be cut in two."""
        seen = self._seen[-16:] + data
        fresh = len(seen) - len(data)
        for pattern, answer in _QUERIES:
            for found in pattern.finditer(seen):
                if found.end() > fresh:
                    os.write(self._fd, answer)
        self._seen = seen


class Picture:
    """What a person sees after so many chunks; it is drawn afterwards, so that drawing delays no measurement."""

    def __init__(self, columns: int = COLUMNS, lines: int = LINES) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.Stream(self.screen)
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Take a chunk, which may end inside a character."""
        data = self._rest + data
        end = len(data)
        for back in range(1, min(4, len(data)) + 1):
            if data[-back] >= 0xC0:
                need = 4 if data[-back] >= 0xF0 else 3 if data[-back] >= 0xE0 else 2
                end = len(data) - back if need > back else len(data)
                break
        self._rest = data[end:]
        self._stream.feed(_NOT_PYTES.sub("", data[:end].decode(errors="replace")))

    def text(self) -> str:
        """Return the screen as text."""
        return "\n".join(self.screen.display)


def first_that_shows(taken: Taken, shows: Callable[[str], bool], after_s: float = 0.0) -> tuple[float, int] | None:
    """Return when the screen first showed something at or after a time, and after how many bytes."""
    picture, size = Picture(), 0
    for t_s, data in taken.chunks:
        picture.feed(data)
        size += len(data)
        if t_s >= after_s and shows(picture.text()):
            return t_s, size
    return None
