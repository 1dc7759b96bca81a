from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.codec import NotARecording, encode
from session.events import FORMAT, Note
from session.playback import fold_file
from session.recording import Reader, Writer
from tests.events import header, ramp

WHOLE = encode(header()) + b"".join(encode(event) for event in ramp(hold_s=3.0))


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    events = list(ramp())
    writer = Writer(tmp_path / "a.rooftop", header())
    writer.append([encode(event) for event in events])
    writer.close()
    reader = Reader(tmp_path / "a.rooftop")
    assert reader.poll() == events
    assert reader.unread == 0
    reader.close()


def test_a_recording_is_private_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.rooftop"
    Writer(path, header()).close()
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    with pytest.raises(FileExistsError):
        Writer(path, header())


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="exists"):
        Writer(tmp_path / "link", header())
    assert not (tmp_path / "elsewhere").exists()


@given(st.integers(0, len(WHOLE)))
def test_a_recording_cut_at_any_byte_opens_or_says_why(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    path = write(tmp_path_factory.mktemp("cut") / "a.rooftop", WHOLE[:cut])
    whole_lines = WHOLE[:cut].count(b"\n")
    if whole_lines == 0:
        with pytest.raises(NotARecording):
            fold_file(path)
    else:
        snapshot = fold_file(path).snapshot()
        assert snapshot.unread == 0
        assert (snapshot.ended is None) == (cut < len(WHOLE))


def test_every_whole_line_before_the_cut_is_kept(tmp_path: Path) -> None:
    lines = WHOLE.splitlines(keepends=True)
    reader = Reader(write(tmp_path / "a.rooftop", b"".join(lines[:20]) + lines[20][:-2]))
    assert len(reader.poll()) == 19
    reader.close()


def test_a_follower_sees_lines_as_they_become_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "a.rooftop", encode(header()))
    reader = Reader(path)
    line = encode(Note(t_s=1.0, text="seen"))
    with path.open("ab") as file:
        file.write(line[:9])
        file.flush()
        assert reader.poll() == []
        file.write(line[9:])
        file.flush()
    assert reader.poll() == [Note(t_s=1.0, text="seen")]
    reader.close()


def test_lines_that_are_no_events_are_skipped_and_counted(tmp_path: Path) -> None:
    junk = [
        b"{}",
        b"[1]",
        b"\xff\xfe",
        b'{"type":"of the future","t_s":1}',
        b'{"type":"tick"',
        b'{"type":"note","t_s":"x"}',
    ]
    data = encode(header()) + b"\n".join(junk) + b"\n" + b"[" * 100_000 + b"\n" + encode(Note(t_s=1.0, text="kept"))
    reader = Reader(write(tmp_path / "a.rooftop", data))
    assert reader.poll() == [Note(t_s=1.0, text="kept")]
    assert reader.unread == len(junk) + 1
    reader.close()


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    data = encode(header()) + b"x" * (5 << 20) + b"\n" + encode(Note(t_s=1.0, text="kept"))
    reader = Reader(write(tmp_path / "a.rooftop", data))
    assert reader.poll() == [Note(t_s=1.0, text="kept")]
    assert reader.unread == 1
    reader.close()


def test_unknown_fields_of_a_newer_writer_are_no_obstacle(tmp_path: Path) -> None:
    line = b'{"type":"note","t_s":1.0,"text":"kept","colour":"blue"}\n'
    reader = Reader(write(tmp_path / "a.rooftop", encode(header()) + line))
    assert reader.poll() == [Note(t_s=1.0, text="kept")]
    reader.close()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n", "not a rooftop recording"),
        (b'{"some": "json"}\n', "not a rooftop recording"),
        (encode(header())[:-5], "cut inside its first line"),
        (encode(header(format=FORMAT + 1, rooftop="9.9\x1b[31m")), "upgrade rooftop"),
    ],
)
def test_what_is_no_recording_says_so_in_one_line(tmp_path: Path, data: bytes, says: str) -> None:
    with pytest.raises(NotARecording, match=says) as error:
        Reader(write(tmp_path / "a", data))
    assert str(error.value).isprintable()
