"""The set-up screen's fields, made of the command line's own flags and checked by its own parsers."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from loadgen.target import DEFAULT_URL, KEY_VARIABLE, BadTarget, key_from_environment, parse_target
from regime.gpus import gpu_keys
from regime.model_table import MODELS
from rooftop import profiles
from rooftop.commands.watch import arguments, watch_parser
from rooftop.errors import Failure, Usage
from rooftop.flags import URL, YES, Wrong, checked, flags_of, raising, words_of
from rooftop.options import check_shape
from tui.desk.ports import Field, ServerSays, Texts, Trouble

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Server": (URL, "model", "api-key-env"),
    "Requests": ("endpoint", "prompt-tokens", "output-tokens", "stop-at-eos", "prefix-tokens", "prefix-share",
                 "prefix-count", "turns", "cache-salt", "dataset", "dataset-order", "token-ids", "seed"),
    "Load": ("concurrency", "rate", "slo", "arrivals", "burstiness", "max-in-flight", "trace", "trace-speed",
             "trace-limit", "timeout", "workers", "client"),
    "GPUs": ("gpus", "dcgm", "gpu", "tp", "model-shape", "model-config", "max-num-seqs", "gpu-hour"),
    "Recording": ("record-limit",),
}  # fmt: skip
"""Which flags are fields, and in which order."""
SLOW = frozenset({"dataset", "model-config"})
OFFERS: Mapping[str, Callable[[], list[str]]] = {"gpu": gpu_keys, "model-shape": lambda: sorted(MODELS)}
DEFAULTS: Mapping[str, str] = {
    "prompt-tokens": "128", "output-tokens": "256", "token-ids": "10-2000", "timeout": "600s", "prefix-share": "1",
    "arrivals": "poisson", "record-limit": "2GB",
}  # fmt: skip
"""How defaults are written that are no text or number in the parser."""


class FlagForm:
    """A :class:`tui.desk.ports.Form` over the flags of ``rooftop [URL]``."""

    def __init__(self) -> None:
        self._flags = flags_of(watch_parser())
        self._memo: dict[tuple[object, ...], object] = {}
        self.fields = tuple(self._field(name, group) for group, members in GROUPS.items() for name in members)

    def check(self, name: str, text: str) -> str | None:
        """Return why a field does not take a text."""
        if not text:
            return None
        if not text.isprintable():
            return "it has characters that cannot be shown"
        if name == URL:
            return _refused(lambda: parse_target(text))
        if name == "model-shape":
            return _refused(lambda: check_shape(text))
        if name == profiles.VARIABLE:
            return _refused(lambda: key_from_environment(text)) or checked(self._flags[name], text)
        if name == "trace":
            return None if Path(text).is_file() else "there is no such file"
        if self._flags[name].nargs == 0:
            return None if text == YES else "yes, or nothing"
        return checked(self._remembering(name), text)

    def check_all(self, texts: Mapping[str, str]) -> Trouble | None:
        """Check everything as the command line does."""
        for name in flags_of_form(texts, self.fields):
            if (why := self.check(name, texts[name])) is not None:
                return Trouble(why, name)
        parser = raising(watch_parser())
        flags = flags_of(parser)
        for name in SLOW:
            flags[name].type = self._remembering(name).type
        try:
            arguments(parser, words_of(watch_parser(), texts))
        except (Usage, Wrong) as error:
            return Trouble(str(error), self._culprit(str(error), texts))
        return None

    def ask_server(self, texts: Mapping[str, str]) -> ServerSays:
        """Ask the server that the fields name who it is."""
        from telemetry.preflight import preflight

        try:
            variable = texts.get(profiles.VARIABLE) or KEY_VARIABLE
            target = parse_target(texts.get(URL) or DEFAULT_URL, key_from_environment(variable))
        except BadTarget as error:
            return ServerSays(str(error), ok=False)
        found = preflight(target.url, None, target.authorization)
        if found.problem is not None:
            return ServerSays(found.problem, ok=False)
        version = found.version or "version unknown"
        what = f"vLLM {version}" if version[:1].isdigit() else version
        models = found.models[0] if len(found.models) == 1 else f"{len(found.models)} models"
        simulated = "SIMULATED, " if found.simulated else ""
        return ServerSays(f"{simulated}{what}: {models}", ok=True, models=tuple(found.models))

    def profiles(self) -> list[str]:
        """Return the names of what was saved."""
        return profiles.names()

    def check_name(self, name: str) -> str | None:
        """Return why a profile cannot be called so."""
        return profiles.check_name(name)

    def load(self, name: str) -> Texts:
        """Return a profile; raise ``ValueError`` with a line for the user."""
        try:
            return self.known(profiles.load(name))
        except Usage as error:
            raise ValueError(str(error)) from None

    def save(self, name: str, texts: Mapping[str, str]) -> str:
        """Keep a profile; return what there is to say of it."""
        try:
            left = profiles.save(name, texts)
        except Failure as error:
            return str(error)
        return "; ".join([f"saved: rooftop --profile {name}", *left])

    def delete(self, name: str) -> str:
        """Delete a profile; return what there is to say of it."""
        try:
            profiles.delete(name)
        except Failure as error:
            return str(error)
        return f"deleted the profile {name}"

    def known(self, texts: Mapping[str, str]) -> Texts:
        """Return the texts of those flags that are fields."""
        return {field.id: texts[field.id] for field in self.fields if texts.get(field.id)}

    def _field(self, name: str, group: str) -> Field:
        action = self._flags[name]
        choices = ("no", YES) if action.nargs == 0 else tuple(action.choices or ())
        return Field(
            id=name,
            group=group,
            help=_help(action),
            default=DEFAULTS.get(name, "no" if action.nargs == 0 else _shown(action.default)),
            choices=choices,
            offers=tuple(OFFERS[name]()) if name in OFFERS else (),
            slow=name in SLOW,
        )

    def _remembering(self, name: str) -> argparse.Action:
        """Return a flag whose parser does not read the same file twice."""
        action = self._flags[name]
        if name in SLOW and (parse := action.type) is not None and not isinstance(parse, _Remembered):
            action.type = _Remembered(parse)  # type: ignore[arg-type]
        return action

    def _culprit(self, reason: str, texts: Mapping[str, str]) -> str | None:
        """Return the first flag that a message names and the user set."""
        named = [name for name in re.findall(r"--([a-z-]+)", reason) if name in self._flags]
        return next((name for name in named if texts.get(name)), named[0] if named else None)


class _Remembered:
    """A parser of a file's name that keeps its last answer while the file is as it was."""

    def __init__(self, parse: Callable[[str], Any]) -> None:
        self._parse = parse
        self._last: tuple[object, Any, argparse.ArgumentTypeError | None] | None = None

    def __call__(self, text: str) -> Any:
        key = (text, _state_of(text))
        if self._last is None or self._last[0] != key:
            try:
                self._last = (key, self._parse(text), None)
            except argparse.ArgumentTypeError as error:
                self._last = (key, None, error)
        if self._last[2] is not None:
            raise self._last[2]
        return self._last[1]


def flags_of_form(texts: Mapping[str, str], fields: tuple[Field, ...]) -> list[str]:
    """Return the fields that say something, in their order."""
    return [field.id for field in fields if texts.get(field.id)]


def _state_of(text: str) -> tuple[int, int] | None:
    try:
        found = os.stat(text)
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size


def _refused(look: Callable[[], object]) -> str | None:
    try:
        look()
    except (BadTarget, Usage) as error:
        return str(error)
    return None


def _shown(default: object) -> str:
    return f"{default:g}" if isinstance(default, float) else "" if default in (None, [], {}) else str(default)


def _help(action: argparse.Action) -> str:
    written = f"--{action.option_strings[-1].lstrip('-')}" if action.option_strings else "URL"
    return f"{written}: {(action.help or '').replace('%%', '%')}"
