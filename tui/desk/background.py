"""Work beside the screen, on threads that nobody waits for when the program ends."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from textual.message import Message
from textual.message_pump import MessagePump

T = TypeVar("T")


class Done(Message):
    """A piece of work has its result; handle it by calling ``deliver``."""

    def __init__(self, deliver: Callable[[], None]) -> None:
        super().__init__()
        self.deliver = deliver


def _raise(error: Exception) -> None:
    raise error


class Background:
    """Runs functions on threads and hands their results to a widget's own thread; of each kind only the last counts."""

    def __init__(self, owner: MessagePump) -> None:
        self._owner = owner
        self._turn: dict[str, int] = {}
        self._running: set[str] = set()

    def run(self, kind: str, work: Callable[[], T], then: Callable[[T], None]) -> None:
        """Do ``work`` on a thread, and ``then`` with its result, unless another of its kind was begun since."""
        mine = self.forget(kind)

        def deliver(result: T) -> None:
            if self._turn.get(kind) == mine:
                self._running.discard(kind)
                then(result)

        self._running.add(kind)

        def body() -> None:
            try:
                result = work()
            except Exception as error:  # noqa: BLE001 - it is raised again where a failure of the screen is told
                self.tell(partial(_raise, error))
            else:
                self.tell(lambda: deliver(result))

        threading.Thread(target=body, daemon=True, name=f"desk-{kind}").start()

    def tell(self, what: Callable[[], None]) -> None:
        """Let the widget's own thread do something; may be called from any."""
        with contextlib.suppress(RuntimeError):  # the screen and its loop are gone
            self._owner.post_message(Done(what))

    def runs(self, kind: str) -> bool:
        """Return whether work of this kind has not delivered its result yet."""
        return kind in self._running

    def forget(self, kind: str) -> int:
        """Let results of this kind that are still to come be ignored."""
        self._running.discard(kind)
        self._turn[kind] = self._turn.get(kind, 0) + 1
        return self._turn[kind]
