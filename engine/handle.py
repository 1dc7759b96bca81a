"""The engine as its owner sees it: start it, command it, hear why it failed."""

from __future__ import annotations

import contextlib
import subprocess
import threading

import msgspec

from engine.spawn import take
from engine.wire import (
    Failed,
    Mark,
    Open,
    Ready,
    SetConcurrency,
    SetLengths,
    SetRate,
    SetSpeed,
    Stop,
    ToEngine,
    Trouble,
    decode_from_engine,
    encode,
)

READY_S = 20.0
END_S = 10.0


class EngineFailed(Exception):
    """The engine could not begin; the text is one line for the user."""


class EngineHandle:
    """A running engine. Every method returns at once; a dead engine is told by :meth:`problem`."""

    def __init__(self, order: Open) -> None:
        self._process, self._stderr = take()
        self._ready = threading.Event()
        self._failed: str | None = None
        self._trouble: str | None = None
        self._began = False
        self._asked = False
        self._ended = False
        self._listener = threading.Thread(target=self._listen, name="engine-listener", daemon=True)
        self._listener.start()
        self._say(order)

    @property
    def pid(self) -> int:
        """The engine's process."""
        return self._process.pid

    def wait_ready(self) -> None:
        """Wait until the recording exists; raise :class:`EngineFailed` otherwise."""
        self._ready.wait(READY_S)
        if not self._began:
            raise EngineFailed(self.problem() or f"the engine did not begin within {READY_S:.0f} s")

    def set_concurrency(self, n: int, by: str = "key") -> None:
        """Keep ``n`` requests in flight."""
        self._say(SetConcurrency(n, by))

    def set_rate(self, rate: float, by: str = "key") -> None:
        """Send ``rate`` requests a second."""
        self._say(SetRate(rate, by))

    def set_speed(self, speed: float, by: str = "key") -> None:
        """Replay the trace at ``speed``."""
        self._say(SetSpeed(speed, by))

    def set_load(self, mode: str, amount: float, by: str) -> None:
        """Set a rate in mode ``open``, else a concurrency."""
        if mode == "open":
            self.set_rate(amount, by)
        else:
            self.set_concurrency(round(amount), by)

    def set_workload(self, prompt_tokens: int, output_tokens: int) -> None:
        """Send requests of these lengths from now on."""
        self._say(SetLengths(prompt_tokens, output_tokens))

    def note(self, text: str) -> None:
        """Put a note into the recording."""
        self._say(Mark(text))

    def problem(self) -> str | None:
        """Return why the session cannot go on, in one line, or ``None``."""
        if self._failed is not None:
            return self._failed
        code = self._process.poll()
        if code is None or self._ended:
            return self._trouble
        if code == 0:
            return None if self._asked else "the engine was ended from outside; the recording is complete"
        said = self._last_words() if code > 0 else ""
        why = f"signal {-code}" if code < 0 else f"exit code {code}" + (f": {said}" if said else "")
        return f"the engine died ({why}); what it recorded is kept: q quits, replay opens it"

    def ask_to_stop(self, reason: str) -> None:
        """Stop the load now, without waiting; for signal handlers."""
        self._asked = True
        self._say(Stop(0.0, reason))

    def stop(self, drain_s: float, reason: str) -> None:
        """End the session and wait for the recording to be complete; kill what does not end."""
        self._ended = True
        self._say(Stop(drain_s, reason))
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        try:
            self._process.wait(drain_s + END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join(1.0)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._stderr.close()

    def _say(self, order: ToEngine) -> None:
        stdin = self._process.stdin
        if stdin is None:
            return
        with contextlib.suppress(OSError, ValueError):
            stdin.write(encode(order))
            stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(ValueError, OSError):
            for line in self._process.stdout:
                self._hear(line)
        self._process.wait()
        self._ready.set()

    def _hear(self, line: bytes) -> None:
        with contextlib.suppress(msgspec.MsgspecError):
            match decode_from_engine(line):
                case Ready():
                    self._began = True
                    self._ready.set()
                case Failed(reason=reason):
                    self._failed = reason
                case Trouble(reason=reason):
                    self._trouble = reason

    def _last_words(self) -> str:
        """Return the last line that the engine wrote to its standard error."""
        with contextlib.suppress(OSError, ValueError):
            self._stderr.seek(0)
            lines = self._stderr.read().decode(errors="replace").strip().splitlines()
            if lines:
                return "".join(c for c in lines[-1] if c.isprintable())[:160]
        return ""
