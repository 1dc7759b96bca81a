from __future__ import annotations

import json
from pathlib import Path

import pytest

from loadgen.plan import Workload
from loadgen.privacy import WITHHELD, without_prompt
from loadgen.prompts import Bodies

SECRET = 'My "password" is\nhunter2-hunter2'
BODIES = [
    json.dumps({"max_tokens": 3, "prompt": SECRET}).encode(),
    json.dumps({"max_tokens": 3, "messages": [{"role": "user", "content": SECRET}]}).encode(),
]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("quote", [SECRET, repr(SECRET), json.dumps(SECRET), " ".join(SECRET.split())])
def test_what_quotes_the_prompt_is_cut(body: bytes, quote: str) -> None:
    said = without_prompt(f"bad field prompt, input: {quote} and so on", body)
    assert said.startswith("bad field prompt, input: ")
    assert said.endswith(WITHHELD)
    assert "hunter2" not in said
    assert "password" not in said


def test_other_words_stay() -> None:
    said = "This model's maximum context length is 8192 tokens. However, you requested 9000"
    assert without_prompt(said, BODIES[0]) == said
    assert without_prompt(said, json.dumps({"prompt": [1, 2]}).encode()) == said


def test_escaped_quotes_are_quotes() -> None:
    secret = "密码是什么呢"
    said = without_prompt(f"input: {json.dumps(secret)}", json.dumps({"prompt": secret}).encode())
    assert "u5bc6" not in said


def test_only_a_users_own_prompts_are_private(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("where does it all go when it goes\n")
    body = Bodies(Workload(dataset=str(path)), "m").next()
    assert body.recordable("bad: where does it all go") == f"bad: {WITHHELD}"
    assert not Bodies(Workload(), "m").next().private
