"""Reads ``config.json`` of models on this machine: a file, a folder, or the Hugging Face cache."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MAX_BYTES = 4 << 20
"""A configuration has a few kB; lists of unquantised modules may add some hundred."""
CONFIG = "config.json"
_QUANT_CONFIG = "hf_quant_config.json"
_NAME = re.compile(r"(?:[\w][\w.-]{0,95}/)?[\w][\w.-]{0,95}", re.ASCII)
_REVISION = re.compile(r"[0-9a-f]{40}")


class Unreadable(Exception):
    """There is no such file, or it is none; the text says why, in a few words."""


def read_config(path: Path) -> dict[str, Any]:
    """Return what a file says, or the ``config.json`` of a folder; raise :class:`Unreadable`.

    ModelOpt's older checkpoints tell their quantisation in a second file beside it.
    """
    if os.path.isdir(path):  # Path's own raises where a folder above may not be looked into
        path = path / CONFIG
    found = _read(path)
    if "quantization_config" not in found:
        try:
            quantisation = _read(path.with_name(_QUANT_CONFIG)).get("quantization")
        except Unreadable:
            return found
        if isinstance(quantisation, dict):
            found["quantization_config"] = {"quant_method": "modelopt", **quantisation}
    return found


def cached_config(name: str, environ: Mapping[str, str]) -> Path | None:
    """Return the ``config.json`` of ``org/name`` in the Hugging Face cache, of the revision that was fetched last.

    The cache's place and layout are those of huggingface_hub: ``HF_HUB_CACHE``, else ``HF_HOME``/hub, else
    ``XDG_CACHE_HOME``/huggingface/hub, else ~/.cache/huggingface/hub.
    """
    if not _NAME.fullmatch(name) or ".." in name:
        return None
    folder = _hub(environ) / ("models--" + name.replace("/", "--"))
    try:
        main = (folder / "refs" / "main").read_bytes()[:41].decode("ascii", "replace").strip()
        named = folder / "snapshots" / main / CONFIG
        if _REVISION.fullmatch(main) and named.is_file():
            return named
    except OSError:
        pass
    try:
        found = [path for path in folder.glob(f"snapshots/*/{CONFIG}") if path.is_file()]
        return max(found, key=lambda path: path.parent.stat().st_mtime, default=None)
    except OSError:
        return None


def _hub(environ: Mapping[str, str]) -> Path:
    for variable, below in (("HF_HUB_CACHE", ""), ("HF_HOME", "hub"), ("XDG_CACHE_HOME", "huggingface/hub")):
        if value := environ.get(variable):
            return Path(os.path.expanduser(value)) / below
    return Path(os.path.expanduser("~")) / ".cache" / "huggingface" / "hub"


def _read(path: Path) -> dict[str, Any]:
    try:
        data = _bytes(path)
    except OSError as error:
        raise Unreadable(error.strerror or type(error).__name__) from None
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise Unreadable("it is no JSON") from None
    if not isinstance(found, dict):
        raise Unreadable("it is no JSON object")
    return found


def _bytes(path: Path) -> bytes:
    """Read a plain file of sensible size; a pipe of that name must not hold the caller up."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Unreadable("it is no plain file")
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Unreadable(f"it is larger than {MAX_BYTES >> 20} MiB")
    return data
