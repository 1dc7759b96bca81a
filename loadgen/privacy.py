"""Keeps a user's own prompts out of the recording where a server quotes them in its errors."""

from __future__ import annotations

import json

RUN = 12
"""Letters and digits in a row that count as a quotation."""
WITHHELD = "(the rest quotes the prompt)"


def without_prompt(detail: str, body: bytes) -> str:
    """Return a server's words up to where they quote ``body``'s prompt; blanks and punctuation tell nothing apart."""
    said = "".join(_texts(json.loads(body)))
    prompt = _bare(said)[0] + " " + _bare(json.dumps(said))[0] if said else ""
    bare, places = _bare(detail)
    run = min(RUN, len(prompt))
    if not run:
        return detail
    for at in range(len(bare) - run + 1):
        if bare[at : at + run] in prompt:
            return f"{detail[: places[at]]}{WITHHELD}"
    return detail


def _texts(fields: dict[str, object]) -> list[str]:
    match fields:
        case {"messages": list(messages)}:
            return [str(message["content"]) for message in messages]
        case {"prompt": str(prompt)}:
            return [prompt]
        case _:
            return []


def _bare(text: str) -> tuple[str, list[int]]:
    """Return the letters and digits alone, and where each stood."""
    places = [at for at, c in enumerate(text) if c.isalnum()]
    return "".join(text[at] for at in places), places
