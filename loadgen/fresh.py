"""Prompts of random tokens: unlike each other, but for the beginning that some share."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from loadgen.ink import ink_for, message
from loadgen.plan import Workload
from loadgen.prefixes import Prefixes


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt as the JSON value of ``prompt`` or ``messages``.

    ``tokens`` is its length where that is exact. ``output_tokens`` is set where the prompt brings its own limit.
    """

    data: bytes
    tokens: int | None
    output_tokens: int | None = None
    private: bool = False
    """It is the user's own text, which no recording may hold."""


@dataclass(frozen=True, slots=True)
class Dice:
    """Random numbers by purpose, so that, say, other lengths leave the choice of prefixes as it was."""

    text: Random
    lengths: Random
    prefix: Random
    answers: Random

    @classmethod
    def of(cls, seed: int, worker: int) -> Dice:
        """Return the dice of one worker."""
        base = f"{seed}/{worker}"
        return cls(Random(base), *(Random(f"{base}/{name}") for name in ("lengths", "prefix", "answers")))


class Fresh:
    """Each prompt on its own."""

    def __init__(self, workload: Workload, dice: Dice) -> None:
        self._chat = workload.endpoint == "chat"
        self._dice = dice
        self._ink = ink_for(workload)
        self._prefixes = Prefixes(workload, self._ink)

    def next(self, prompt_tokens: int, output_tokens: int) -> Prompt:
        """Return a prompt of ``prompt_tokens`` tokens (chat: words)."""
        del output_tokens
        text = self.text(prompt_tokens)
        if self._chat:
            return Prompt(b"[" + message("user", text) + b"]", None)
        return Prompt(b"[" + text + b"]", prompt_tokens)

    def text(self, tokens: int) -> bytes:
        """Return a text that may begin like others; its last token at least is its own."""
        prefix, shared = self._prefixes.pick(self._dice.prefix, tokens - 1)
        own = self._ink.draw(self._dice.text, tokens - shared)
        return prefix + self._ink.gap + own if shared else own
