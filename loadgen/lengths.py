"""How long prompts and answers are: one length, or lengths drawn from a distribution. All in tokens."""

from __future__ import annotations

import math
import re
from random import Random
from typing import Literal

import msgspec

MAX_TOKENS = 10_000_000
MAX_SIGMA = 3.0
FORMS = "128, normal:128,32, uniform:64-256 or lognormal:512,0.5"

_NUMBER = r"(\d{1,8}(?:\.\d{1,6})?)"
_FORMS = {
    "normal": re.compile(rf"{_NUMBER},{_NUMBER}"),
    "uniform": re.compile(r"(\d{1,8})-(\d{1,8})"),
    "lognormal": re.compile(rf"{_NUMBER},{_NUMBER}"),
}


class Spread(msgspec.Struct, frozen=True):
    """A distribution of lengths.

    ``normal``: mean ``a`` and standard deviation ``b``; ``uniform``: every whole number from ``a`` to ``b``, both
    included; ``lognormal``: mean ``a`` of the lengths themselves (not of their logarithm) and standard deviation
    ``b`` of their natural logarithm.
    """

    kind: Literal["normal", "uniform", "lognormal"]
    a: float
    b: float

    @property
    def tokens(self) -> int:
        """The mean as a whole number of tokens, as it is shown and recorded."""
        mean = (self.a + self.b) / 2 if self.kind == "uniform" else self.a
        return max(1, round(mean))

    def draw(self, random: Random, tokens: int) -> int:
        """Return one length; ``tokens`` is the mean wanted, to which the whole distribution is scaled."""
        return clipped(self._raw(random) * tokens / self.tokens)

    def _raw(self, random: Random) -> float:
        match self.kind:
            case "normal":
                return random.gauss(self.a, self.b)
            case "uniform":
                return random.randint(int(self.a), int(self.b))
            case "lognormal":
                return random.lognormvariate(math.log(self.a) - self.b**2 / 2, self.b)


def clipped(length: float) -> int:
    """Return a length that can be asked for: a whole number, at least one."""
    return max(1, min(MAX_TOKENS, round(length)))


def parse_lengths(text: str) -> tuple[int, Spread | None]:
    """Parse ``128`` or a distribution; return its mean in tokens and the distribution.

    Raises :class:`ValueError` with one line for the user.
    """
    kind, colon, rest = text.partition(":")
    if not colon and re.fullmatch(r"\d{1,8}", text) and 1 <= int(text) <= MAX_TOKENS:
        return int(text), None
    if colon and kind in _FORMS and (found := _FORMS[kind].fullmatch(rest)):
        spread = msgspec.convert({"kind": kind, "a": float(found[1]), "b": float(found[2])}, Spread)
        _check(text, spread)
        return spread.tokens, spread
    raise ValueError(f"{text!r} is no length from 1 to {MAX_TOKENS} tokens; write it like {FORMS}")


def _check(text: str, spread: Spread) -> None:
    if not 1 <= spread.a <= MAX_TOKENS or spread.b > MAX_TOKENS:
        raise ValueError(f"{text!r} is out of range: 1 to {MAX_TOKENS} tokens")
    if spread.kind == "uniform" and spread.b < spread.a:
        raise ValueError(f"{text!r} ends before it begins")
    if spread.kind == "lognormal" and spread.b > MAX_SIGMA:
        raise ValueError(f"{text!r}: the second number is the sigma of the logarithm, at most {MAX_SIGMA:g}")
