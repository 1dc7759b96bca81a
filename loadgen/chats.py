"""Chats of several turns: each request carries the turns before it, so that a prefix cache finds them again."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from loadgen.fresh import Dice, Fresh, Prompt
from loadgen.ink import ink_for, message
from loadgen.plan import Workload

LIVE = 64
"""Chats that live at once in a worker which was not told how many requests it keeps in flight."""


@dataclass(slots=True)
class _Chat:
    left: int
    """Turns to come."""
    past: bytes = b""
    tokens: int = 0


class Chats:
    """Chats of ``turns`` turns each, taking turns: the one that waited longest goes on.

    As many chats live as requests are in flight, so that a chat's next turn is sent, as a rule, when the one before
    has been answered. Answers are made up, of the length asked for: the server's own are not waited for. The first
    chats are cut short (1, 2, … turns), or all chats would grow in step for ever.
    """

    def __init__(self, workload: Workload, dice: Dice, fresh: Fresh) -> None:
        self._chat = workload.endpoint == "chat"
        self._turns = workload.turns
        self._dice = dice
        self._fresh = fresh
        self._ink = ink_for(workload)
        self._waiting: deque[_Chat] = deque()
        self._begun = 0
        self.live = LIVE
        """How many chats there are at once."""

    def next(self, prompt_tokens: int, output_tokens: int) -> Prompt:
        """Return the next turn of a chat: its past, and ``prompt_tokens`` new tokens (chat: words)."""
        chat = self._take()
        opening = not chat.past
        said = self._fresh.text(prompt_tokens) if opening else self._ink.draw(self._dice.text, prompt_tokens)
        prompt = self._add(chat, "user", said, prompt_tokens)
        self._add(chat, "assistant", self._ink.draw(self._dice.answers, output_tokens), output_tokens)
        chat.left -= 1
        self._waiting.append(chat if chat.left else _Chat(self._turns))
        return prompt

    def _take(self) -> _Chat:
        while len(self._waiting) > self.live:
            self._waiting.pop()
        if len(self._waiting) == self.live:
            return self._waiting.popleft()
        self._begun += 1
        return _Chat(1 + (self._begun - 1) % self._turns)

    def _add(self, chat: _Chat, role: str, text: bytes, tokens: int) -> Prompt:
        """Let somebody say something; return all that was said until then."""
        gap = b", " if self._chat else self._ink.gap
        said = message(role, text) if self._chat else text
        chat.past = chat.past + gap + said if chat.past else said
        chat.tokens += tokens
        return Prompt(b"[" + chat.past + b"]", None if self._chat else chat.tokens)
