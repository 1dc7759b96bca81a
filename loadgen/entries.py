"""One entry of a data set: which shapes are known, and what is wrong with others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loadgen.lengths import MAX_TOKENS

HUMANS = ("human", "user")


class Unfit(ValueError):
    """Why an entry, or the file, cannot be used; ``line`` is counted from 1, 0 where it is the whole file."""

    def __init__(self, why: str, line: int = 0) -> None:
        super().__init__(why)
        self.line = line


@dataclass(frozen=True, slots=True)
class Entry:
    """A prompt: as one text, and as chat messages where the file has them."""

    text: str
    messages: list[dict[str, str]] | None
    output_tokens: int | None

    @property
    def characters(self) -> int:
        """The prompt's length."""
        return len(self.text)


def entry_of(value: object, line: int) -> Iterator[Entry]:
    """Yield the prompt in a decoded object; nothing where it is empty."""
    if not isinstance(value, dict):
        raise Unfit("is no JSON object", line)
    text, messages = _content(value, line)
    if text.strip():
        yield Entry(text, messages, _output_tokens(value, line))


def _content(value: dict[object, object], line: int) -> tuple[str, list[dict[str, str]] | None]:
    if "messages" in value:
        messages = [_message(item, "role", "content", line) for item in _list(value["messages"], "messages", line)]
        return "\n\n".join(text for _, text in messages), [{"role": r, "content": t} for r, t in messages]
    if "conversations" in value:
        for item in _list(value["conversations"], "conversations", line):
            sender, text = _message(item, "from", "value", line)
            if sender in HUMANS:
                return text, None
        return "", None
    for name in ("prompt", "text"):
        if name in value:
            return _text(value[name], name, line), None
    raise Unfit('has none of "prompt", "text", "messages" and "conversations"', line)


def _list(value: object, name: str, line: int) -> list[object]:
    if not isinstance(value, list):
        raise Unfit(f'"{name}" is no list', line)
    return value


def _message(item: object, who: str, what: str, line: int) -> tuple[str, str]:
    if not isinstance(item, dict):
        raise Unfit("a message is no JSON object", line)
    return _text(item.get(who), who, line), _text(item.get(what), what, line)


def _text(value: object, name: str, line: int) -> str:
    if not isinstance(value, str):
        raise Unfit(f'"{name}" is missing or no text', line)
    return value


def _output_tokens(value: dict[object, object], line: int) -> int | None:
    for name in ("output_tokens", "max_tokens"):
        wanted = value.get(name)
        if wanted is None:
            continue
        if isinstance(wanted, bool) or not isinstance(wanted, int) or not 1 <= wanted <= MAX_TOKENS:
            raise Unfit(f'"{name}" is no whole number from 1 to {MAX_TOKENS}', line)
        return wanted
    return None
