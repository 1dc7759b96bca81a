"""The bytes of a streamed answer, encoded once per request: a token then costs one write and no JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sim.requests import Ask

WORDS = (" the", " roof", " line", " rises", " until", " it", " is", " flat")
DONE = b"data: [DONE]\n\n"


def chunked(payload: bytes) -> bytes:
    """Frame a payload for HTTP/1.1 chunked transfer."""
    return b"%x\r\n%b\r\n" % (len(payload), payload)


def text_of(tokens: int) -> str:
    """The whole text of an answer of that many tokens."""
    return "".join(WORDS[index % len(WORDS)] for index in range(tokens))


def usage_of(ask: Ask, produced: int) -> dict[str, int]:
    """The usage object, in vLLM's order of fields."""
    total = ask.prompt_tokens + produced
    return {"prompt_tokens": ask.prompt_tokens, "total_tokens": total, "completion_tokens": produced}


@dataclass(frozen=True, slots=True)
class Head:
    """What every chunk of one answer repeats."""

    identity: str
    created: int
    model: str

    def fields(self, kind: str) -> dict[str, object]:
        """The leading fields of a chunk or of a whole answer."""
        return {"id": self.identity, "object": kind, "created": self.created, "model": self.model}


class Frames:
    """Builds the chunks of one answer. Completions and chat differ only in what a choice looks like."""

    def __init__(self, ask: Ask, head: Head) -> None:
        self._ask = ask
        self._fields = head.fields("chat.completion.chunk" if ask.chat else "text_completion")
        self._common = [chunked(self._token(word, None, None)) for word in WORDS]

    def opening(self) -> bytes:
        """What comes with the first token, ahead of it: chat names the role in a chunk of its own."""
        if not self._ask.chat:
            return b""
        delta = {"role": "assistant", "content": ""}
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}
        return chunked(self._event([choice], self._usage_in_chunk(0)))

    def token(self, produced: int) -> bytes:
        """The chunk of the ``produced``-th token, which is not the last."""
        if self._ask.continuous_usage:
            return chunked(self._token(WORDS[(produced - 1) % len(WORDS)], None, produced))
        return self._common[(produced - 1) % len(WORDS)]

    def closing(self, produced: int) -> bytes:
        """The last token with its finish reason, the usage if it was asked for, and the end mark."""
        last = self._token(WORDS[(produced - 1) % len(WORDS)], self._ask.ending, produced)
        usage = b""
        if self._ask.include_usage:
            usage = chunked(_event({**self._fields, "choices": [], "usage": usage_of(self._ask, produced)}))
        return chunked(last) + usage + chunked(DONE)

    def _token(self, word: str, finish: str | None, produced: int | None) -> bytes:
        choice: dict[str, object] = {"index": 0}
        choice["delta" if self._ask.chat else "text"] = {"content": word} if self._ask.chat else word
        choice |= {"logprobs": None, "finish_reason": finish, "stop_reason": None, "token_ids": None}
        return self._event([choice], self._usage_in_chunk(produced))

    def _usage_in_chunk(self, produced: int | None) -> dict[str, int] | None:
        return usage_of(self._ask, produced) if self._ask.continuous_usage and produced is not None else None

    def _event(self, choices: list[dict[str, object]], usage: dict[str, int] | None) -> bytes:
        extra = {"usage": usage} if usage is not None or not self._ask.chat else {}
        return _event({**self._fields, "choices": choices, **extra})


def whole(ask: Ask, head: Head) -> dict[str, object]:
    """The answer to a request that does not stream."""
    text = text_of(ask.max_tokens)
    choice: dict[str, object] = {"index": 0}
    if ask.chat:
        choice["message"] = {"role": "assistant", "content": text}
    else:
        choice["text"] = text
    choice |= {"logprobs": None, "finish_reason": ask.ending, "stop_reason": None}
    kind = "chat.completion" if ask.chat else "text_completion"
    return {**head.fields(kind), "choices": [choice], "usage": usage_of(ask, ask.max_tokens)}


def _event(body: dict[str, object]) -> bytes:
    return b"data: " + json.dumps(body, separators=(",", ":")).encode() + b"\n\n"
