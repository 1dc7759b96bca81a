"""What the set-up screen keeps: profiles by name, and what was used last. No key and no password is ever in them."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import platformdirs

from rooftop.errors import Failure, Usage
from rooftop.flags import URL, Wrong, flags_of, over, texts_of, words_of

Texts = Mapping[str, str]
LAST = "setup.toml"
MAX_BYTES = 64 * 1024
"""No set of flags comes near; a larger file is not ours."""
NEVER = frozenset({"profile", "version", "output", "theme", "ascii", "debug"})
"""Flags that are no part of a profile; a recording's name among them, as it is used once."""
ADDRESSES = frozenset({URL, "dcgm"})
VARIABLE = "api-key-env"
PROFILE_HELP = (
    "begin with the flags that were saved under this name on the set-up screen (rooftop setup); flags that are given "
    "beside it go first"
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HEAD = "# Flags of rooftop, by name; written by its set-up screen.\n"


def profiles_folder() -> Path:
    """Return where profiles lie, a TOML file each."""
    return platformdirs.user_config_path("rooftop") / "profiles"


def names() -> list[str]:
    """Return the names of the saved profiles."""
    try:
        found = [path.stem for path in profiles_folder().glob("*.toml")]
    except OSError:
        return []
    return sorted(name for name in found if _NAME.fullmatch(name))


def check_name(name: str) -> str | None:
    """Return why a profile cannot have a name."""
    if _NAME.fullmatch(name):
        return None
    return "a name has letters, digits, '.', '_' and '-', 64 at most, and begins with a letter or digit"


def load(name: str) -> dict[str, str]:
    """Return a profile's texts by flag; raise :class:`Usage` where there is none, or it cannot be read."""
    if (why := check_name(name)) is not None:
        raise Usage(f"--profile: {why}")
    path = profiles_folder() / f"{name}.toml"
    try:
        return _read(path)
    except FileNotFoundError:
        known = ", ".join(names())
        raise Usage(
            f"no profile is called {name!r}; " + (f"there are: {known}" if known else "'rooftop setup' saves one")
        ) from None
    except OSError as error:
        raise Usage(f"cannot read the profile {path}: {error.strerror}") from None
    except ValueError as error:
        raise Usage(f"cannot read the profile {path}: {' '.join(str(error).split())}") from None


def save(name: str, texts: Texts) -> list[str]:
    """Keep texts under a name; return what was left out, one line each. Raises :class:`Failure`."""
    if (why := check_name(name)) is not None:
        raise Failure(why)
    return _keep(profiles_folder() / f"{name}.toml", texts)


def delete(name: str) -> None:
    """Delete a profile; raise :class:`Failure`."""
    try:
        (profiles_folder() / f"{name}.toml").unlink()
    except OSError as error:
        raise Failure(f"cannot delete the profile {name}: {error.strerror}") from None


def last() -> dict[str, str]:
    """Return what was used last; nothing where that cannot be read."""
    try:
        return _read(platformdirs.user_state_path("rooftop") / LAST)
    except (OSError, ValueError):
        return {}


def remember(texts: Texts) -> None:
    """Keep what is used now; where that cannot be written, the next time begins with the usual."""
    with contextlib.suppress(Failure):
        _keep(platformdirs.user_state_path("rooftop") / LAST, texts)


def with_profile(parser: argparse.ArgumentParser, words: list[str]) -> list[str]:
    """Return a command line with its profile's flags beneath its own; raise :class:`Usage`.

    A line without ``--profile`` is returned as it is. The parser is of no use afterwards where there is one.
    """
    if not any(word == "--profile" or word.startswith("--profile=") for word in words):
        return words
    known = flags_of(parser)
    try:
        given = texts_of(parser, words)
    except Wrong as error:
        raise Usage(str(error)) from None
    kept = load(given["profile"])
    if strange := [name for name in kept if name not in known or name in NEVER]:
        raise Usage(f"the profile {given['profile']} has what is no flag here: {', '.join(strange)[:80]}")
    return words_of(parser, {name: text for name, text in over(kept, given).items() if name != "profile"})


def without_secrets(texts: Texts) -> tuple[dict[str, str], list[str]]:
    """Return what may be kept, and what was left out, one line each.

    Addresses lose user, password, query and fragment. The name of the key's variable is kept only while the
    environment has a variable of that name: else it may be the key itself, in the wrong field.
    """
    kept: dict[str, str] = {}
    left: list[str] = []
    for name, text in texts.items():
        if name in NEVER or not text:
            continue
        if name == VARIABLE and text not in os.environ:
            left.append("the key's variable is not kept: the environment has none of that name")
            continue
        if name in ADDRESSES:
            bare = " ".join(map(_bare, text.split()))
            if bare != text:
                left.append("the address is kept without its user, password and query")
            text = bare
        kept[name] = text
    return kept, left


def _bare(address: str) -> str:
    text = address if "://" in address else f"http://{address}"
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    if not (parts.username or parts.password or parts.query or parts.fragment or "@" in parts.netloc):
        return address
    return urlunsplit((parts.scheme, parts.netloc.rsplit("@", 1)[-1], parts.path, "", ""))


def _read(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError("it is no profile: too long")
    found: dict[str, str] = {}
    for name, value in tomllib.loads(data.decode()).items():
        if not isinstance(value, str | int | float):
            raise ValueError(f"{name!r} is no text")
        text = ("yes" if value else "") if isinstance(value, bool) else str(value)
        if not text.isprintable():
            raise ValueError(f"{name!r} has characters that no flag has")
        found[name] = text
    return found


def _keep(path: Path, texts: Texts) -> list[str]:
    """Write a file that only the user reads, whole or not at all."""
    kept, left = without_secrets(texts)
    lines = [f"{name} = {json.dumps(text, ensure_ascii=False)}\n" for name, text in kept.items() if text.isprintable()]
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            file.write(_HEAD + "".join(lines))  # mkstemp's files have mode 0600
        Path(file.name).replace(path)
    except (OSError, UnicodeEncodeError) as error:
        raise Failure(f"cannot write {path}: {getattr(error, 'strerror', None) or error}") from None
    return left
