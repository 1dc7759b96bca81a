"""Work beside the screen, on threads that nobody waits for when the program ends."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

from textual.message import Message
from textual.message_pump import MessagePump

T = TypeVar("T")


class Done(Message):
    """A piece of work has its result; handle it by calling ``deliver``."""

    def __init__(self, deliver: Callable[[], None]) -> None:
        super().__init__()
        self.deliver = deliver


class Background:
    """Runs functions on threads and hands their results to a widget's own thread; of each kind only the last counts."""

    def __init__(self, owner: MessagePump) -> None:
        self._owner = owner
        self._turn: dict[str, int] = {}

    def run(self, kind: str, work: Callable[[], T], then: Callable[[T], None]) -> None:
        """Do ``work`` on a thread, and ``then`` with its result, unless another of its kind was begun since."""
        mine = self.forget(kind)

        def deliver(result: T) -> None:
            if self._turn.get(kind) == mine:
                then(result)

        def body() -> None:
            result = work()
            with contextlib.suppress(RuntimeError):  # the screen and its loop are gone
                self._owner.post_message(Done(lambda: deliver(result)))

        threading.Thread(target=body, daemon=True, name=f"desk-{kind}").start()

    def forget(self, kind: str) -> int:
        """Let results of this kind that are still to come be ignored."""
        self._turn[kind] = self._turn.get(kind, 0) + 1
        return self._turn[kind]
