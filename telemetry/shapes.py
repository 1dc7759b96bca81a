"""Which shape the arithmetic takes for a server's model: the first of several places that knows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from regime.from_config import shape_from_config
from regime.model import ModelShape
from regime.model_table import shape_by_name
from session.events import Model, Server, Shape
from session.shapes import to_record
from telemetry.model_files import CONFIG, Unreadable, cached_config, read_config
from telemetry.web import clean


def shape_of_file(path: Path) -> ModelShape:
    """Return the shape that a file, or a folder's ``config.json``, tells; raise :class:`Unreadable` with a line."""
    where = clean(str(path))
    try:
        config = read_config(path)
    except Unreadable as error:
        raise Unreadable(f"cannot read {where}: {error}") from None
    shape = shape_from_config(config, clean(_name_of(path), 60))
    if isinstance(shape, str):
        raise Unreadable(f"{where}: {shape}")
    return shape


def find_model(
    server: Server, environ: Mapping[str, str], *, given: Shape | None = None, table_name: str | None = None
) -> Model:
    """Say which shape the server's model has. Never raises.

    In this order: ``given`` (``--model-config``), ``table_name`` (``--model-shape``), a ``config.json`` at the
    server's root where that is a path readable here, the local Hugging Face cache, the built-in table. A file
    that is there and is not understood ends the search: what it says is known better than a name is.
    """
    if given is not None:
        return Model(t_s=server.t_s, shape=given, source="model-config")
    if table_name and (shape := shape_by_name(table_name)):
        return Model(t_s=server.t_s, shape=to_record(shape), source="model-shape")
    names = [name for name in (server.root, server.model) if name]
    for source, path in () if server.simulated else _files(server, names, environ):
        if (told := _from_file(server, source, path)) is not None:
            return told
    shape = next((known for name in names if (known := shape_by_name(name))), None)
    if shape is not None:
        return Model(t_s=server.t_s, shape=to_record(shape), source="table")
    return Model(t_s=server.t_s, reason=_nowhere(names))


def _files(server: Server, names: list[str], environ: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    if server.root and Path(server.root).is_absolute():
        yield "root", Path(server.root) / CONFIG
    for name in names:
        if (path := cached_config(name, environ)) is not None:
            yield "cache", path


def _from_file(server: Server, source: str, path: Path) -> Model | None:
    try:
        config = read_config(path)
    except (Unreadable, ValueError):  # not here, or a name that no file system takes
        return None
    shape = shape_from_config(config, clean(server.model or "model", 60))
    if isinstance(shape, str):
        return Model(t_s=server.t_s, source=source, reason=f"its config.json: {shape}; --model-shape names another")
    return Model(t_s=server.t_s, shape=to_record(shape), source=source)


def _nowhere(names: list[str]) -> str:
    if not names:
        return "the server names no model"
    return f"{clean(names[-1], 60)} is not in the built-in table, nor its config.json here; give --model-config PATH"


def _name_of(path: Path) -> str:
    """The folder's name; in the Hugging Face cache that is a revision, and the model's name stands further up."""
    folder = (path if path.is_dir() else path.parent).absolute()
    if folder.parent.name == "snapshots":
        return folder.parent.parent.name.removeprefix("models--").replace("--", "/")
    return folder.name or CONFIG
