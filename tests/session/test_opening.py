"""Whatever is not a recording is one clear line, at once."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from session.codec import NotARecording, encode
from session.events import FORMAT, Note
from session.frames import FIRST_LINE, HEADER, frame
from session.index import Index
from session.opening import being_written
from session.recording import Reader, Writer
from tests.events import header


def empty(path: Path) -> None:
    path.touch()


def folder(path: Path) -> None:
    path.mkdir()


def pipe(path: Path) -> None:
    os.mkfifo(path)


def picture(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)


def packed_garbage(path: Path) -> None:
    path.write_bytes(b"\x1f\x8b\x08" + b"\xff" * 400)


def cut_in_the_header(path: Path) -> None:
    path.write_bytes(FIRST_LINE + b"\xf5RTFH")


def of_the_future(path: Path) -> None:
    path.write_bytes(b"rooftop recording, format 17. Quantum from here on.\n" + bytes(1000))


def future_header(path: Path) -> None:
    Writer(path, header(format=FORMAT + 1, rooftop="9.9")).close()


def long_first_line(path: Path) -> None:
    path.write_bytes(b'{"type":"header"' + b"x" * (3 << 20))


def header_that_is_none(path: Path) -> None:
    import zlib

    path.write_bytes(FIRST_LINE + frame(HEADER, 0, zlib.compress(b"[]"), 2, 0.0, 0.0))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (empty, "the recording is empty"),
        (folder, "this is a folder, not a recording"),
        (pipe, "this is no regular file, not a recording"),
        (picture, "this is not a rooftop recording"),
        (packed_garbage, "its gzip data are damaged"),
        (cut_in_the_header, "cut inside its header"),
        (of_the_future, "format 17; this version reads up to 2: upgrade"),
        (future_header, "format 3, written by rooftop 9.9; this version reads up to 2: upgrade"),
        (long_first_line, "this is not a rooftop recording"),
        (header_that_is_none, "this is not a rooftop recording"),
    ],
)
@pytest.mark.parametrize("opened", [Reader, Index.open])
def test_it_says_why(tmp_path: Path, make: Callable[[Path], None], says: str, opened: Callable[[Path], object]) -> None:
    make(tmp_path / "a.rooftop")
    with pytest.raises(NotARecording, match=says) as error:
        opened(tmp_path / "a.rooftop")
    assert str(error.value).isprintable()


def test_a_device_and_a_socket_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotARecording, match="no regular file"):
        Reader(Path("/dev/zero"))
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        with pytest.raises(OSError, match="No such device or address"):
            Reader(tmp_path / "s")


def test_a_file_of_format_1_may_say_any_format_up_to_ours(tmp_path: Path) -> None:
    for number in range(1, FORMAT + 1):
        path = tmp_path / f"{number}.rooftop"
        path.write_bytes(encode(header(format=number)) + encode(Note(t_s=1.0, text="kept")))
        reader = Reader(path)
        assert reader.poll() == [Note(t_s=1.0, text="kept")]
        reader.close()


def test_a_writer_leaves_no_file_behind_that_it_could_not_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("session.writing.os.write", full)
    with pytest.raises(OSError, match="No space left"):
        Writer(tmp_path / "a.rooftop", header())
    assert list(tmp_path.iterdir()) == []


def test_a_recording_that_is_written_is_locked_and_free_when_closed(tmp_path: Path) -> None:
    path = tmp_path / "a.rooftop"
    writer = Writer(path, header())
    assert being_written(path)
    writer.close()
    assert not being_written(path)
