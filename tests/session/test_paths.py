from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from session.paths import NoPlace, new_recording

NOW = datetime(2026, 11, 21, 5, 0, 0, tzinfo=UTC)


def test_recordings_go_to_the_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path, warning = new_recording("http://gpu1:8000/x", NOW)
    assert path == tmp_path / "rooftop" / "recordings" / "2026-11-21_050000_gpu1-8000-x.rooftop"
    assert warning is None
    path.touch()
    assert new_recording("http://gpu1:8000/x", NOW)[0] != path


def test_an_unusable_state_folder_falls_back_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path, warning = new_recording("http://gpu1:8000", NOW)
    assert path.parent == tmp_path / f"rooftop-{os.getuid()}"
    assert warning is not None
    assert str(path) in warning


def test_nowhere_to_write_is_one_line_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "file"))
    with pytest.raises(NoPlace, match="-o FILE"):
        new_recording("http://gpu1:8000", NOW)
