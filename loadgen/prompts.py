"""Request bodies: random prompts of an exact length, the same for the same seed."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass

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
class Body:
    """A request's body and, where it is exact, the number of prompt tokens in it."""

    data: bytes
    prompt_tokens: int | None


class Bodies:
    """Makes one body after the other."""

    def __init__(self, workload: Workload, model: str | None, worker: int = 0) -> None:
        self._random = random.Random(f"{workload.seed}/{worker}")
        self._workload = workload
        self._model = model
        self._frame()

    def change(self, workload: Workload, model: str | None) -> None:
        """Use another workload or model from the next body on."""
        self._workload, self._model = workload, model
        self._frame()

    def next(self) -> Body:
        """Return the next body."""
        if self._workload.endpoint == "chat":
            return Body(self._head + self._text() + self._tail, None)
        return Body(self._head + self._token_ids() + self._tail, self._workload.prompt_tokens)

    def _token_ids(self) -> bytes:
        w = self._workload
        ids = self._random.choices(range(w.token_id_low, w.token_id_high), k=w.prompt_tokens)
        return b"[" + ",".join(map(str, ids)).encode() + b"]"

    def _text(self) -> bytes:
        words = self._random.choices(WORDS, k=max(1, self._workload.prompt_tokens))
        return b'"' + " ".join(words).encode() + b'"'

    def _frame(self) -> None:
        """Encode once what is the same in every body."""
        w = self._workload
        fields: dict[str, object] = {
            "model": self._model,
            "max_tokens": w.output_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if self._model is None:
            del fields["model"]
        if w.ignore_eos:
            fields["ignore_eos"] = True
        if w.temperature is not None:
            fields["temperature"] = w.temperature
        common = json.dumps(fields)[:-1].encode()
        if w.endpoint == "chat":
            self._head, self._tail = common + b', "messages": [{"role": "user", "content": ', b"}]}"
        else:
            self._head, self._tail = common + b', "prompt": ', b"}"
