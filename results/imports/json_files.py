"""JSON of other tools: read with a cap, decoded by type, one clear line for whatever is wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TypeVar

import msgspec

from results.imports.parts import MAX_BYTES, MAX_VALUES, NotImportable

T = TypeVar("T")


def read_capped(path: Path) -> bytes:
    """Return a file's bytes; raise ``OSError``, and :class:`NotImportable` beyond the cap."""
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise NotImportable(f"the file is larger than {MAX_BYTES >> 20} MiB, which is as much as an import reads")
    if (values := data.count(b",")) > MAX_VALUES:
        raise NotImportable(f"the file holds {values:,} values; an import reads up to {MAX_VALUES:,}")
    return data


def decoded(data: bytes | msgspec.Raw, kind: type[T], what: str) -> T:
    """Decode JSON to a type; bare ``NaN`` and ``Infinity``, which Python's writers put there, are read as null.

    Raises :class:`NotImportable`; ``what`` names what could not be read.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except RecursionError:
        raise NotImportable(f"{what}: nested too deeply") from None
    except UnicodeDecodeError:
        raise NotImportable(f"{what}: not UTF-8") from None
    except msgspec.ValidationError as error:
        raise NotImportable(f"{what}: {plain(str(error))}") from None
    except msgspec.DecodeError as error:
        whole = bytes(data)
        if re.search(rb"\b(NaN|Infinity)\b", whole):
            return decoded(_without_nan(whole, what), kind, what)
        raise NotImportable(f"{what}: the JSON is cut off or damaged ({plain(str(error))})") from None


def plain(text: str, limit: int = 120) -> str:
    """Return text from a file on one line without control characters, cut to a length."""
    return "".join(c if c.isprintable() else " " for c in text)[:limit].strip()


def _without_nan(data: bytes, what: str) -> bytes:
    try:
        return msgspec.json.encode(json.loads(data, parse_constant=lambda _: None))
    except (ValueError, RecursionError) as error:
        raise NotImportable(f"{what}: the JSON is cut off or damaged ({plain(str(error))})") from None
