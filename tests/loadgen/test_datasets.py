from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from loadgen import datasets
from loadgen.datasets import BadDataset, check, entries
from loadgen.plan import Workload
from loadgen.prompts import Bodies

SHARE_GPT = [
    {"id": "a", "conversations": [{"from": "human", "value": "Eins?"}, {"from": "gpt", "value": "1"}]},
    {"id": "b", "conversations": []},
    {"id": "c", "conversations": [{"from": "gpt", "value": "?"}, {"from": "human", "value": "Zwei ü\n\"'"}]},
]


def prompts(path: Path, count: int, worker: int = 0, **fields: Any) -> list[Any]:
    bodies = Bodies(Workload(dataset=str(path), **fields), "m", worker)
    sent = [json.loads(bodies.next().data) for _ in range(count)]
    return [fields["messages"] if "messages" in fields else fields["prompt"] for fields in sent]


def written(tmp_path: Path, data: bytes, name: str = "set.jsonl") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("indent", [None, 2])
def test_share_gpt_gives_what_the_human_said_first(tmp_path: Path, indent: int | None) -> None:
    path = written(tmp_path, json.dumps(SHARE_GPT, indent=indent, ensure_ascii=False).encode())
    assert prompts(path, 3, dataset_order="file") == ["Eins?", "Zwei ü\n\"'", "Eins?"]
    assert prompts(path, 1, dataset_order="file", endpoint="chat") == [[{"role": "user", "content": "Eins?"}]]


def test_json_lines_bring_their_own_lengths_and_messages(tmp_path: Path) -> None:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    lines = [{"prompt": "p", "output_tokens": 7}, {"text": "t", "max_tokens": 9}, {"messages": messages}]
    path = written(tmp_path, b"\xef\xbb\xbf" + b"\n\n".join(json.dumps(line).encode() for line in lines))
    bodies = Bodies(Workload(dataset=str(path), dataset_order="file", output_tokens=33), "m")
    sent = [json.loads(bodies.next().data) for _ in range(3)]
    assert [fields["max_tokens"] for fields in sent] == [7, 9, 33]
    assert [fields["prompt"] for fields in sent] == ["p", "t", "Be brief.\n\nHi"]
    assert prompts(path, 3, dataset_order="file", endpoint="chat")[2] == messages


def test_plain_text_is_a_prompt_a_line_whatever_it_begins_with(tmp_path: Path) -> None:
    path = written(tmp_path, b"[one\r\n\n{two\n", "set.txt")
    assert prompts(path, 3, dataset_order="file") == ["[one", "{two", "[one"]


def test_the_order_is_the_seeds_and_each_worker_has_a_part_of_its_own(tmp_path: Path) -> None:
    path = written(tmp_path, "\n".join(f"prompt {i}" for i in range(100)).encode(), "set.txt")
    first = prompts(path, 100, seed=1)
    assert prompts(path, 100, seed=1) == first
    assert first != prompts(path, 100, seed=2)
    assert first != sorted(first)
    assert len(set(first)) == 100
    parts = [set(prompts(path, 50, worker, workers=2)) for worker in range(2)]
    assert not parts[0] & parts[1]
    assert len(parts[0] | parts[1]) == 100


def test_more_workers_than_prompts(tmp_path: Path) -> None:
    path = written(tmp_path, b"a\nb\n", "set.txt")
    assert [prompts(path, 1, worker, workers=4)[0] for worker in range(4)] == ["a", "b", "a", "b"]


def test_other_lengths_and_models_do_not_read_it_again(tmp_path: Path) -> None:
    path = written(tmp_path, b"a\nb\n", "set.txt")
    workload = Workload(dataset=str(path), dataset_order="file")
    bodies = Bodies(workload, None)
    path.unlink()
    bodies.change(workload, "m")
    bodies.next()
    bodies.change(Workload(dataset=str(path), dataset_order="file", output_tokens=3), "m")
    fields = json.loads(bodies.next().data)
    assert (fields["prompt"], fields["max_tokens"]) == ("b", 3)


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "a.jsonl", "holds no prompt"),
        (b" \n\n", "a.txt", "holds no prompt"),
        (b"[]", "a.json", "holds no prompt"),
        (b'{"prompt": "a"}\n{"prompt": SECRET\n', "a.jsonl", "line 2: is no JSON"),
        (b'{"prompt": "a"}\n[1]\n', "a.jsonl", "line 2: is no JSON object"),
        (b'{"prompt": 3}', "a.jsonl", 'line 1: "prompt" is missing or no text'),
        (b'{"prompt": "SECRET", "max_tokens": true}', "a.jsonl", 'line 1: "max_tokens" is no whole number'),
        (b'{"prompt": "SECRET", "max_tokens": 0}', "a.jsonl", 'line 1: "max_tokens" is no whole number'),
        (b'{"SECRET": "a"}', "a.jsonl", "line 1: has none of"),
        (b'{"messages": {}}', "a.jsonl", 'line 1: "messages" is no list'),
        (b'{"messages": ["SECRET"]}', "a.jsonl", "line 1: a message is no JSON object"),
        (b'{"messages": [{"role": "user", "content": null}]}', "a.jsonl", 'line 1: "content" is missing'),
        (b'{"prompt": "a"}\n{"prompt": "\xff"}', "a.jsonl", "line 2: is not UTF-8"),
        (b"a\n\xff\n", "a.txt", "line 2: is not UTF-8"),
        (b'[\n{"prompt": "a"},\n\n{"prompt": "\xff"}]', "a.json", "line 4: is not UTF-8"),
        (b'[\n{"prompt": "a"},\n{"prompt": SECRET}]', "a.json", "line 3: begins an entry that is broken"),
        (b'[\n{"prompt": "a"}\n{"prompt": "b"}]', "a.json", "line 3: ']' is missing"),
        (b'[{"prompt": "a"}\n', "a.json", "line 2: ']' is missing"),
        (b'[{"prompt": "SECRET', "a.json", "line 1: begins an entry that is broken"),
        (b"[1, 2]", "a.json", "line 1: is no JSON object"),
        (b"[" * 100_000, "a.json", "line 1: begins an entry"),
        (b'{"a":' * 100_000, "a.jsonl", "line 1: is no JSON"),
        (b"PAR1\x00\x01", "a.parquet", "is neither a JSON list"),
        (b'{"prompt": "' + b"x" * (5 << 20) + b'"}', "a.jsonl", "line 1: is longer than 4 MiB"),
        (b'[{"prompt": "' + b"x" * (12 << 20) + b'"}]', "a.json", "line 1: begins an entry"),
    ],
)  # fmt: skip
def test_a_bad_file_is_one_printable_line(tmp_path: Path, data: bytes, name: str, said: str) -> None:
    path = written(tmp_path, data, name)
    with pytest.raises(BadDataset) as error:
        check(path)
    assert str(error.value).isprintable()
    assert str(error.value).startswith(str(path))
    assert said in str(error.value)
    assert "SECRET" not in str(error.value)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(BadDataset, match="No such file"):
        check(tmp_path / "none\x1b.txt")
    with pytest.raises(BadDataset, match="is no file"):
        check(tmp_path)


@pytest.mark.parametrize("cap", [0, 1, 2, 3, 5])
def test_a_file_is_read_no_further_than_the_cap(tmp_path: Path, cap: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "MAX_FILE_BYTES", (2 << 20) + cap)
    monkeypatch.setattr(datasets, "MAX_PROMPTS", 3000)
    row = {"prompt": "ü" * 500}
    for name, data in (
        ("a.json", json.dumps([row] * 3500, ensure_ascii=False)),
        ("a.jsonl", "\n".join([json.dumps(row, ensure_ascii=False)] * 3500)),
    ):
        assert 2000 < sum(1 for _ in entries(written(tmp_path, data.encode(), name))) < 2100
    assert sum(1 for _ in entries(written(tmp_path, b"a\n" * 4000, "a.txt"))) == 3000


def test_the_summary_says_about_how_long_prompts_are(tmp_path: Path) -> None:
    summary = check(written(tmp_path, b"x" * 400 + b"\n" + b"x" * 800, "a.txt"))
    assert (summary.prompts, summary.mean_tokens) == (2, 150)
