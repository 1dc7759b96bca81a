"""What random prompts are written in: token ids for completions, common words for chats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from loadgen.plan import Workload

WORDS = (  # noqa: SIM905
    "time people way day man thing woman life child world school state family student group country problem hand "
    "part place case week company system program question work government number night point home water room mother "
    "area money story fact month lot right study book eye job word business issue side kind head house service "
    "friend father power hour game line end member law car city community name president team minute idea body "
    "information back parent face others level office door health person art war history party result change "
    "morning reason research girl guy moment air teacher force education"
).split()
"""Common English nouns: about one token each in every common tokenizer."""


@dataclass(frozen=True, slots=True)
class Ink:
    """An alphabet and what stands between two of its letters; a letter is one token, a word about one."""

    letters: Sequence[bytes]
    gap: bytes

    def draw(self, random: Random, count: int) -> bytes:
        """Return ``count`` random letters."""
        return self.gap.join(random.choices(self.letters, k=count))

    def first(self, text: bytes, count: int) -> bytes:
        """Return the first ``count`` letters of a text."""
        return self.gap.join(text.split(self.gap, count)[:count])


def ink_for(workload: Workload) -> Ink:
    """Return what this workload's prompts are written in."""
    if workload.endpoint == "chat":
        return Ink([word.encode() for word in WORDS], b" ")
    return Ink(_written(workload.token_id_low, workload.token_id_high), b",")


@lru_cache(maxsize=2)
def _written(low: int, high: int) -> Sequence[bytes]:
    """Return the ids from ``low`` up to ``high`` as text: writing them anew took half of a prompt's making."""
    return [b"%d" % number for number in range(low, high)]


def message(role: str, text: bytes) -> bytes:
    """Return a chat message as JSON; ``text`` is of :data:`WORDS` and needs no escapes."""
    return b'{"role": "%b", "content": "%b"}' % (role.encode(), text)
