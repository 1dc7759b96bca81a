"""What a completion request asks for, checked as vLLM checks it, and the errors it answers with."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from sim.config import SimConfig

_COMPLETION_DEFAULT = 16
"""``max_tokens`` of /v1/completions where none is given, as OpenAI and vLLM have it."""
_CHAT_UNTIL_STOP = 256
"""Tokens after which a chat without ``max_tokens`` ends by itself: a stand-in for the model's own end."""
_BYTES_PER_TOKEN = 4
_CHAT_TEMPLATE_TOKENS = 10


class RequestError(Exception):
    """An error to answer with, in OpenAI's JSON."""

    def __init__(self, status: int, kind: str, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": status}}


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, understood."""

    chat: bool
    prompt: Hashable
    """Identifies the prompt for the prefix cache."""
    prompt_tokens: int
    max_tokens: int
    ending: str
    """The finish reason: ``length``, or ``stop`` where the output ends by itself."""
    stream: bool
    include_usage: bool
    continuous_usage: bool


def understand(body: object, config: SimConfig, *, chat: bool) -> Ask:
    """Check a decoded body. Raises :class:`RequestError`."""
    if not isinstance(body, dict):
        raise _bad("the request body must be a JSON object")
    model = body.get("model", config.model)
    if model != config.model:
        raise RequestError(404, "NotFoundError", f"The model `{model}` does not exist.", "model")
    prompt, tokens = _messages(body.get("messages")) if chat else _prompt(body.get("prompt"))
    limit, ending = _max_tokens(body, chat=chat)
    if tokens + limit > config.model_len:
        raise _too_long(config.model_len, tokens, limit)
    options = body.get("stream_options") or {}
    if not isinstance(options, dict):
        raise _bad("stream_options must be an object", "stream_options")
    if options and not body.get("stream"):
        raise _bad("Stream options can only be defined when `stream=True`.", "stream_options")
    return Ask(
        chat=chat,
        prompt=prompt,
        prompt_tokens=tokens,
        max_tokens=limit,
        ending=ending,
        stream=bool(body.get("stream")),
        include_usage=bool(options.get("include_usage")),
        continuous_usage=bool(options.get("include_usage") and options.get("continuous_usage_stats")),
    )


def bad_json() -> RequestError:
    """The answer to a body that is no JSON."""
    return _bad("Invalid JSON in the request body")


def _bad(message: str, param: str | None = None) -> RequestError:
    return RequestError(400, "BadRequestError", message, param)


def _too_long(model_len: int, tokens: int, limit: int) -> RequestError:
    return _bad(
        f"This model's maximum context length is {model_len} tokens. However, you requested {limit} output tokens "
        f"and your prompt contains {tokens} input tokens, for a total of {tokens + limit} tokens. "
        "Please reduce the length of the input prompt or the number of requested output tokens.",
        "input_tokens",
    )


def _max_tokens(body: Mapping[str, object], *, chat: bool) -> tuple[int, str]:
    name = "max_completion_tokens" if body.get("max_completion_tokens") is not None else "max_tokens"
    value = body.get(name)
    if value is None:
        return (_CHAT_UNTIL_STOP, "stop") if chat else (_COMPLETION_DEFAULT, "length")
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _bad(f"{name} must be at least 1, got {value!r}.", name)
    return value, "length"


def _prompt(prompt: object) -> tuple[Hashable, int]:
    """A text, a list of token ids, or a list with one of either; text counts as a token per four bytes."""
    if isinstance(prompt, list) and len(prompt) == 1 and isinstance(prompt[0], str | list):
        prompt = prompt[0]
    if isinstance(prompt, str):
        return hash(prompt), _text_tokens(prompt) + 1
    if not isinstance(prompt, list) or not prompt:
        raise _bad("prompt must be a text or a list of token ids, and not empty", "prompt")
    if not all(type(token) is int and token >= 0 for token in prompt):
        raise _bad("the simulator takes one prompt per request: a text or a list of token ids", "prompt")
    return hash(tuple(prompt)), len(prompt)


def _messages(messages: object) -> tuple[Hashable, int]:
    if not isinstance(messages, list) or not messages:
        raise _bad("messages must be a list of messages, and not empty", "messages")
    texts = [str(message.get("content", "")) for message in messages if isinstance(message, dict)]
    return hash(tuple(texts)), sum(_text_tokens(text) + _CHAT_TEMPLATE_TOKENS for text in texts)


def _text_tokens(text: str) -> int:
    return max(1, -(-len(text.encode("utf-8", "replace")) // _BYTES_PER_TOKEN))
