"""``rooftop cat`` and ``rooftop repair``, and recordings that are packed or damaged, from the command line."""

from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path

import pytest

from rooftop.cli import main
from session.codec import encode
from session.events import End, Note
from session.recording import Reader, Writer
from tests.events import header, ramp
from tests.processes import ROOFTOP, environment

EVENTS = sorted(ramp((1, 8), hold_s=60.0), key=lambda event: event.t_s)
REAL = Path(__file__).parents[1] / "data" / "recordings" / "h200-llama-3.1-8b-tp2.rooftop.gz"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    writer = Writer(tmp_path / "a.rooftop", header())
    for at in range(0, len(EVENTS), 20):
        writer.append([encode(event) for event in EVENTS[at : at + 20]])
    writer.close()
    return tmp_path / "a.rooftop"


@pytest.fixture
def damaged(path: Path) -> Path:
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes(data)
    return path


def test_cat_prints_the_events_as_lines(path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["cat", str(path)]) == 0
    out, err = capsysbinary.readouterr()
    assert out == encode(header()) + b"".join(encode(event) for event in EVENTS)
    assert err == b""


def test_cat_opens_format_1_as_it_was(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["cat", str(REAL)]) == 0
    assert capsysbinary.readouterr().out == gzip.decompress(REAL.read_bytes())


def test_cat_drives_no_terminal(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    note = Note(t_s=1.0, text="a\x1b[2J\x9b2J\x7fb é")
    writer = Writer(tmp_path / "a.rooftop", header())
    writer.append([encode(note), b'{"type":"note","t_s":2,"text":"\x1b]0;x\x07"}\n'])
    writer.close()
    assert main(["cat", str(tmp_path / "a.rooftop")]) == 0
    out = capsysbinary.readouterr().out
    assert not {*out} & ({*range(32), 127} - {10})
    assert b"\xc2\x9b" not in out
    assert json.loads(out.splitlines()[1])["text"] == note.text


def test_cat_follows_until_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a.rooftop"
    writer = Writer(path, header())
    process = subprocess.Popen(
        [*ROOFTOP, "cat", "--follow", str(path)], env=environment(tmp_path), stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["type"] == "header"
    for event in (Note(t_s=1.0, text="one"), Note(t_s=2.0, text="two"), End(t_s=3.0, reason="done")):
        writer.append([encode(event)])
        assert process.stdout.readline() == encode(event)
    assert process.wait(10) == 0
    process.stdout.close()
    writer.close()


def test_report_takes_a_packed_recording_and_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = tmp_path / "plain.rooftop"
    plain.write_bytes(gzip.decompress(REAL.read_bytes()))
    assert main(["report", str(plain), "--format", "json"]) == 0
    by_line = capsys.readouterr().out
    assert main(["report", str(REAL), "--format", "json"]) == 0
    assert capsys.readouterr().out == by_line
    assert json.loads(by_line)["lost"] == []


def test_a_report_names_what_is_lost(damaged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(damaged)]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "not readable: " in out
    assert "(the file is damaged there)" in out
    assert main(["report", str(damaged), "--format", "json"]) == 0
    (lost,) = json.loads(capsys.readouterr().out)["lost"]
    assert 0 < lost["from_s"] < lost["to_s"] < EVENTS[-1].t_s
    assert main(["cat", str(damaged)]) == 0
    assert capsys.readouterr().err.startswith("rooftop: not readable: ")


def test_repair_copies_what_is_readable_and_says_what_is_not(damaged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = damaged.read_bytes()
    assert main(["repair", str(damaged)]) == 0
    out = capsys.readouterr().out
    copy = damaged.with_name("a.repaired.rooftop")
    broken, whole = Reader(damaged), Reader(copy)
    assert whole.poll() == broken.poll()
    assert whole.lost == []
    assert f"{copy}: " in out
    assert out.count("not readable: ") == len(broken.lost) == 1
    assert damaged.read_bytes() == before
    broken.close()
    whole.close()


def test_repair_never_overwrites(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["repair", str(path), "-o", str(path)]) == 1
    assert "never overwritten" in capsys.readouterr().err
    (path.parent / "link").symlink_to(path.parent / "nowhere")
    assert main(["repair", str(path), "-o", str(path.parent / "link")]) == 1
    assert "something has that name" in capsys.readouterr().err


def test_repair_of_an_old_recording_makes_a_new_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "b.rooftop"
    assert main(["sessions", "repair", str(REAL), "-o", str(copy)]) == 0, "as rooftop repair"
    assert "nothing that was written is lost" in capsys.readouterr().out
    old, new = Reader(REAL), Reader(copy)
    assert new.poll() == old.poll()
    assert (old.header.format, new.header.format) == (1, 2)
    old.close()
    new.close()


@pytest.mark.parametrize("command", ["cat", "repair", "report"])
@pytest.mark.parametrize(("content", "says"), [(None, "No such file"), (b"", "empty"), (b"x\n", "not a rooftop")])
def test_what_is_no_recording_is_one_line(
    tmp_path: Path, command: str, content: bytes | None, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (tmp_path / "b").write_bytes(content)
    assert main([command, str(tmp_path / "b")]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ([] if content is None else ["b"])


@pytest.mark.parametrize("size", ["2", "10KB", "-1GB", "GB", "1e9MB"])
def test_a_limit_that_is_none_is_refused(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", "--demo", "--concurrency", "1", f"--record-limit={size}"])
    assert ended.value.code == 2
    assert "write it like 500MB or 2GB" in capsys.readouterr().err
