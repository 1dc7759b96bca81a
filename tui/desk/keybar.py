"""The line of keys at the bottom: as many as fit, and each can be clicked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual import events
from textual.message import Message

from tui.desk.keys import DeskKey
from tui.lines import Line, join, width_of
from tui.panel import Panel

_ALWAYS = ("help", "leave")


class KeyBar(Panel):
    """Shows keys; posts :class:`Clicked` where one is clicked."""

    class Clicked(Message):
        """A key was clicked."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    _items: Mapping[str, Line] = {}

    def offer(self, keys: Iterable[DeskKey]) -> None:
        """Show these keys; help and leaving are always there."""
        items = {key.id: ((key.show, "key"), (f" {key.label}", "dim")) for key in keys if key.label}
        always = {name: items.pop(name) for name in _ALWAYS if name in items}
        room = self.size.width - sum(width_of(item) + 2 for item in always.values())
        shown: dict[str, Line] = {}
        for name, item in items.items():
            room -= width_of(item) + 2
            if room < 0:
                break
            shown[name] = item
        self._items = {**shown, **always}
        self.show((join(list(self._items.values())),))

    def on_click(self, event: events.Click) -> None:
        """Find the key that was clicked."""
        at = 0
        for name, item in self._items.items():
            width = width_of(item)
            if at <= event.x < at + width:
                self.post_message(self.Clicked(name))
                return
            at += width + 2
