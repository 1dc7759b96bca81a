"""Recordings as tables, dmon text and OpenMetrics, read back."""

from __future__ import annotations

import csv
import re
import sys
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from results.export import csv_tables, dmon, openmetrics, parquet
from results.export.formats import FORMATS
from results.run import load
from results.unsuited import Unsuited
from rooftop.cli import main
from tests.results.recordings import made, real

NAMES = ["requests", "gpus", "server", "levels"]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return real("h200-llama-3.1-8b-tp4", tmp_path_factory.mktemp("real"))


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_holds_every_request_and_every_reading(recording: Path, tmp_path: Path) -> None:
    paths = csv_tables.export(recording, tmp_path / "out")
    assert [path.stem for path in paths] == NAMES
    requests, gpus, server, levels = map(read_csv, paths)
    run = load(recording)
    tokens = sum(int(row["output_tokens"]) for row in requests)
    assert tokens == run.snapshot.output_tokens
    assert {row["index"] for row in gpus} == {"0", "1", "2", "3"}
    assert float(server[-1]["generation_tokens"]) > float(server[0]["generation_tokens"])
    assert [int(row["concurrency"]) for row in levels] == [level.view.concurrency for level in run.levels]
    assert float(levels[0]["tpot_ms_p50"]) == pytest.approx(2.7, rel=0.02)
    first = next(row for row in requests if row["tpot_s"])
    expected = (float(first["last_s"]) - float(first["ttft_s"])) / (int(first["output_tokens"]) - 1)
    assert float(first["tpot_s"]) == pytest.approx(expected)


def test_what_is_not_known_is_empty(tmp_path: Path) -> None:
    requests = read_csv(csv_tables.export(made(tmp_path / "a.rooftop", failed=1), tmp_path / "out")[0])
    assert {row["status"] for row in requests} == {""}
    assert {row["error"] for row in requests} == {"", "reset"}


def test_parquet_says_the_same_with_types(recording: Path, tmp_path: Path) -> None:
    said = [read_csv(path) for path in csv_tables.export(recording, tmp_path / "csv")]
    tables = [pq.read_table(path) for path in parquet.export(recording, tmp_path / "parquet")]
    assert [table.num_rows for table in tables] == [len(rows) for rows in said]
    assert str(tables[0].schema.field("output_tokens").type) == "int64"
    assert str(tables[1].schema.field("dram_pct").type) == "double"
    assert tables[0].column("status").null_count == tables[0].num_rows
    assert [row["verdict_step"] for row in tables[3].to_pylist()] == [row["verdict_step"] for row in said[3]]


def test_without_pyarrow_one_line_says_how(
    recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert main(["export", str(recording), "--to", "parquet", "-o", str(tmp_path / "out")]) == 1
    assert "pip install 'rooftop[parquet]'" in capsys.readouterr().err


def test_spreadsheets_see_no_formula(tmp_path: Path) -> None:
    assert csv_tables._safe("=1+1") == "'=1+1"
    assert csv_tables._safe("a\nb\x1b[31m") == "a b [31m"
    assert csv_tables._safe(-1.5) == -1.5


def test_dmon_has_a_line_a_gpu_and_second(recording: Path, tmp_path: Path) -> None:
    (path,) = dmon.export(recording, tmp_path / "a.txt")
    lines = path.read_text().splitlines()
    assert lines[0].split()[:5] == ["#Date", "Time", "gpu", "pwr", "gtemp"]
    assert lines[1].split()[:4] == ["#YYYYMMDD", "HH:MM:SS", "Idx", "W"]
    rows = [line.split() for line in lines if not line.startswith(("#", " #"))]
    rows = [row for row in rows if row[0].isdigit()]
    assert {row[2] for row in rows} == {"0", "1", "2", "3"}
    assert all(re.fullmatch(r"\d{8}", row[0]) and 80 < float(row[3]) < 750 for row in rows)


def test_without_gpus_dmon_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unsuited, match="no reading of a GPU"):
        dmon.export(made(tmp_path / "a.rooftop"), tmp_path / "a.txt")
    assert not (tmp_path / "a.txt").exists()


SAMPLE = re.compile(r"([a-z_:]+)(\{[^}]*\})? (-?[0-9.e+-]+) (\d+\.\d{3})")


def test_openmetrics_is_what_backfill_reads(recording: Path, tmp_path: Path) -> None:
    (path,) = openmetrics.export(recording, tmp_path / "a.txt")
    lines = path.read_text().splitlines()
    assert lines[-1] == "# EOF"
    families: list[str] = []
    series: dict[str, list[tuple[float, float]]] = {}
    for line in lines[:-1]:
        if line.startswith("#"):
            if line.startswith("# TYPE "):
                families.append(line.split()[2])
            continue
        found = SAMPLE.fullmatch(line)
        assert found, line
        assert found[1].removesuffix("_total") == families[-1], "samples stand beneath their family"
        series.setdefault(found[1] + (found[2] or ""), []).append((float(found[4]), float(found[3])))
    assert len(families) == len(set(families))
    for points in series.values():
        assert all(a[0] < b[0] for a, b in pairwise(points))
    counted = series['rooftop_output_tokens_total{worker="0"}']
    assert counted[-1][1] == pytest.approx(load(recording).snapshot.output_tokens, rel=0.02)
    assert all(a[1] <= b[1] for a, b in pairwise(counted))


def test_every_format_exports_a_real_session(recording: Path, tmp_path: Path) -> None:
    for name in FORMATS:
        out = tmp_path / name
        assert main(["export", str(recording), "--to", name, "-o", str(out)]) == 0, name
        assert out.exists()
