from __future__ import annotations

from pathlib import Path

import pytest

from rooftop.workshop import Workshop
from session.codec import encode
from session.playback import fold_file
from session.recording import Reader
from tests.events import header, ramp
from tui.desk.ports import Stopped


def record(path: Path, tpot_s: float = 0.005, **changes: object) -> Path:
    events = ramp((1, 8), tpot_s=tpot_s)
    path.write_bytes(encode(header(**changes)) + b"".join(encode(event) for event in events))
    return path


def test_recordings_stand_beside_each_other_and_the_base_goes_round(tmp_path: Path) -> None:
    told: list[str] = []
    paths = [record(tmp_path / "fast.rooftop"), record(tmp_path / "slow.rooftop", 0.006)]
    read = Workshop().read(paths, told.append)
    found = read.table(0, everything=False, watch=told.append)
    assert found.names == ("fast", "slow")
    assert [(row.level, row.side) for row in found.rows] == [
        ("conc 1", "fast"), ("", "slow"), ("conc 8", "fast"), ("", "slow"),
    ]  # fmt: skip
    tpot = found.headings.index("TPOT p50 ms")
    assert found.rows[3].cells[tpot].change.startswith("+20")
    assert dict(found.facts)["fast"].startswith("meta-llama/Llama-3.1-8B, server 0.25.1, 1× NVIDIA H200")
    turned = read.table(1, everything=True, watch=told.append)
    assert turned.names == ("slow", "fast")
    assert turned.rows[3].cells[tpot].change.startswith("-16.7")
    assert set(found.headings) < set(turned.headings)
    assert any(line.startswith("reading 2 of 2: slow … 0:") for line in told)
    assert told[-1] == "comparing … level 2 of 2"


def test_reading_ends_when_nobody_waits(tmp_path: Path) -> None:
    def stop(text: str) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        Workshop().read([record(tmp_path / "a.rooftop")], stop)


@pytest.mark.parametrize("data", [None, b"no recording"])
def test_what_cannot_be_read_is_one_line(tmp_path: Path, data: bytes | None) -> None:
    other = tmp_path / "b.rooftop"
    if data is not None:
        other.write_bytes(data)
    works = Workshop()
    with pytest.raises(ValueError, match=r"b\.rooftop: "):
        works.read([record(tmp_path / "a.rooftop"), other], lambda _: None)
    for kind in ("redact", "page", *works.formats):
        with pytest.raises(ValueError, match=r"b\.rooftop|needs") as failed:
            works.make(kind, [other], f"out-{kind}")
        assert "\n" not in str(failed.value)


def test_everything_lies_beside_the_recording_and_nothing_is_written_over(tmp_path: Path) -> None:
    path, works = record(tmp_path / "a.rooftop"), Workshop()
    for kind in ("redact", "page", "csv", "vllm-bench", "perfetto"):
        name = works.suggested(kind, path)
        assert works.refused(path, name) is None
        said = works.make(kind, [path], name)
        assert said.startswith(f"wrote {name}")
        assert said.endswith(f"; in {tmp_path}")
        assert (tmp_path / name).exists()
        assert works.refused(path, name) == f"{name} is there already: say another"
        with pytest.raises(ValueError, match="is there already"):
            works.make(kind, [path], name)
    assert works.refused(path, "") == "a name is needed"
    assert works.refused(path, "no/where.html") == f"there is no folder {tmp_path / 'no'}"
    assert works.refused(path, str(tmp_path / "else.html")) is None


def test_a_copy_to_hand_on_has_no_names(tmp_path: Path) -> None:
    path = record(tmp_path / "a.rooftop", host="secret-host", target="http://secret:8000")
    said = Workshop().make("redact", [path], "b.rooftop")
    assert "1 notes and log lines left out; in " in said
    reader = Reader(tmp_path / "b.rooftop")
    reader.close()
    assert "secret" not in str(reader.header)
    assert fold_file(tmp_path / "b.rooftop").snapshot().requests == fold_file(path).snapshot().requests
