"""Request bodies: where prompts come from, and what is around them; the same for the same seed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random
from typing import Protocol

import msgspec

from loadgen.chats import Chats
from loadgen.datasets import Dataset
from loadgen.fresh import Dice, Fresh, Prompt
from loadgen.lengths import Spread
from loadgen.plan import Workload
from loadgen.privacy import without_prompt

QUOTED = 1000
"""As many characters of a server's words are looked at; no more are recorded."""


@dataclass(frozen=True, slots=True)
class Body:
    """A request's body and, where it is exact, the number of prompt tokens in it."""

    data: bytes
    prompt_tokens: int | None
    private: bool = False
    """It holds the user's own text, which no recording may hold."""
    max_tokens: int | None = None
    """Output tokens that it asks for at most."""

    def recordable(self, said: str) -> str:
        """Return what a server said of this body, without what it quotes of a private one."""
        return without_prompt(said[:QUOTED], self.data) if self.private else said


class Source(Protocol):
    """Where prompts come from."""

    def next(self, prompt_tokens: int, output_tokens: int) -> Prompt:
        """Return the next prompt, of the length given where the source makes prompts of any length."""


class Bodies:
    """Makes one body after the other."""

    def __init__(self, workload: Workload, model: str | None, worker: int = 0) -> None:
        self._worker = worker
        self._dice = Dice.of(workload.seed, worker)
        self._workload = workload
        self._made = 0
        self._live: int | None = None
        self._source = self._open()
        self._trace: Source | None = None
        self._head = _head(workload, model)

    def change(self, workload: Workload, model: str | None) -> None:
        """Use another workload or model from the next body on; where only lengths differ, chats go on."""
        before, self._workload = self._workload, workload
        self._head = _head(workload, model)
        if _kind(before) != _kind(workload):
            self._source = self._open()

    def expect(self, in_flight: int) -> None:
        """Take note of how many requests are in flight at once: so many chats live."""
        self._live = max(1, in_flight)
        if isinstance(self._source, Chats):
            self._source.live = self._live

    def follow(self, trace: Source | None) -> None:
        """Take prompts from a trace from the next body on, or from the workload again."""
        self._trace = trace

    def next(self) -> Body:
        """Return the next body."""
        w = self._workload
        prompt_tokens = _length(self._dice.lengths, w.prompt_tokens, w.prompt_spread)
        output_tokens = _length(self._dice.lengths, w.output_tokens, w.output_spread)
        prompt = (self._trace or self._source).next(prompt_tokens, output_tokens)
        name = b"messages" if w.endpoint == "chat" else b"prompt"
        most = prompt.output_tokens or output_tokens
        own = b', "max_tokens": %d%b, "%b": ' % (most, self._salt(), name)
        return Body(self._head + own + prompt.data + b"}", prompt.tokens, prompt.private, most)

    def _salt(self) -> bytes:
        """Return a field that no two requests share: the server then finds nothing in its prefix cache."""
        if self._workload.cache_salt is None:
            return b""
        self._made += 1
        return b', "cache_salt": ' + json.dumps(f"{self._workload.cache_salt}-{self._worker}-{self._made}").encode()

    def _open(self) -> Source:
        if self._workload.dataset is not None:
            return Dataset(self._workload, self._worker)
        fresh = Fresh(self._workload, self._dice)
        if self._workload.turns == 1:
            return fresh
        chats = Chats(self._workload, self._dice, fresh)
        if self._live is not None:
            chats.live = self._live
        return chats


def _length(random: Random, tokens: int, spread: Spread | None) -> int:
    return max(1, tokens) if spread is None else spread.draw(random, tokens)


def _kind(workload: Workload) -> Workload:
    """Return what must be the same for a source of prompts to go on."""
    return msgspec.structs.replace(
        workload, prompt_tokens=0, output_tokens=0, prompt_spread=None, output_spread=None, timeout_s=0.0
    )


def _head(workload: Workload, model: str | None) -> bytes:
    """Encode once what is the same in every body; the closing brace is left out."""
    fields: dict[str, object] = {
        "model": model,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if model is None:
        del fields["model"]
    if workload.ignore_eos:
        fields["ignore_eos"] = True
    if workload.temperature is not None:
        fields["temperature"] = workload.temperature
    return json.dumps(fields)[:-1].encode()
