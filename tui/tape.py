"""The user's hand on a replay."""

from __future__ import annotations

from tui.ports import Transport
from tui.scene import Tape

SLOWEST, FASTEST = 0.25, 32.0


class Deck:
    """Turns keys into seeks and speeds, within the recording and within reason."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def play_pause(self) -> None:
        """Stop, or go on."""
        self._transport.play_pause()

    def move(self, by_s: float) -> None:
        """Go back or ahead."""
        self.go(self._transport.position_s + by_s)

    def go(self, t_s: float) -> None:
        """Go to a time."""
        self._transport.seek(max(0.0, min(self._transport.duration_s, t_s)))

    def end(self) -> None:
        """Go to the end."""
        self.go(self._transport.duration_s)

    def faster(self, factor: float) -> str:
        """Multiply the speed; return what it is now."""
        speed = max(SLOWEST, min(FASTEST, self._transport.speed * factor))
        self._transport.speed = speed
        return f"replay speed ×{speed:g}"

    def tape(self) -> Tape:
        """Return what the header shows."""
        deck = self._transport
        return Tape(deck.position_s, deck.duration_s, deck.playing, deck.speed)
