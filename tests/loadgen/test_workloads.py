"""What every workload must hold: the same seed sends the same bytes, and caches hit where they are meant to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from loadgen.lengths import Spread
from loadgen.plan import Workload
from loadgen.prompts import Bodies

SHAPES: dict[str, dict[str, Any]] = {
    "plain": {},
    "lengths": {"prompt_spread": Spread("lognormal", 128, 0.5), "output_spread": Spread("uniform", 1, 9)},
    "salt": {"cache_salt": "s"},
    "prefix": {"prefix_tokens": 64, "prefix_share": 0.5, "prefix_count": 3},
    "turns": {"turns": 4},
    "all": {"turns": 3, "prefix_tokens": 64, "cache_salt": "s", "prompt_spread": Spread("normal", 128, 40)},
}


def sent(workload: Workload, count: int, worker: int = 0) -> list[bytes]:
    bodies = Bodies(workload, "m", worker)
    bodies.expect(4)
    return [bodies.next().data for _ in range(count)]


@pytest.mark.parametrize("endpoint", ["completions", "chat"])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_seed_sends_the_same_bytes_in_the_same_order(shape: str, endpoint: Any) -> None:
    workload = Workload(endpoint=endpoint, seed=3, **SHAPES[shape])
    first = sent(workload, 40)
    assert sent(workload, 40) == first
    assert len(set(first)) == 40
    assert not set(sent(workload, 40, worker=1)) & set(first)
    assert not set(sent(Workload(endpoint=endpoint, seed=4, **SHAPES[shape]), 40)) & set(first)
    assert all(json.loads(data)["stream"] for data in first)


def test_naming_the_model_changes_no_prompt() -> None:
    workload = Workload(turns=3, prefix_tokens=5)
    bodies = Bodies(workload, None)
    bodies.expect(4)
    bodies.change(workload, "m")
    assert [bodies.next().data for _ in range(20)] == sent(workload, 20)


def test_another_endpoint_does_not_begin_anew() -> None:
    bodies = Bodies(Workload(), "m")
    before = bodies.next().data
    bodies.change(Workload(endpoint="chat"), "m")
    bodies.change(Workload(), "m")
    assert bodies.next().data != before


def test_salts_are_unique_in_and_between_workers() -> None:
    salts = [
        json.loads(data)["cache_salt"] for worker in range(3) for data in sent(Workload(cache_salt="x"), 100, worker)
    ]
    assert len(set(salts)) == 300
    assert "cache_salt" not in json.loads(sent(Workload(), 1)[0])


@pytest.mark.parametrize("endpoint", ["completions", "chat"])
def test_the_share_asked_for_begins_with_the_same_bytes(endpoint: Any) -> None:
    workload = Workload(endpoint=endpoint, prefix_tokens=64, prefix_share=0.8)
    prompts = [_tokens(data) for worker in range(2) for data in sent(workload, 1000, worker)]
    assert {len(prompt) for prompt in prompts} == {128}
    heads = [tuple(prompt[:64]) for prompt in prompts]
    common = max(set(heads), key=heads.count)
    assert heads.count(common) / len(heads) == pytest.approx(0.8, abs=0.04)
    assert len(set(heads)) == len(heads) - heads.count(common) + 1
    assert len({tuple(prompt[64:]) for prompt in prompts}) == len(prompts), "what follows is everyone's own"


def test_there_are_as_many_prefixes_as_asked_for() -> None:
    heads = {tuple(_tokens(data)[:32]) for data in sent(Workload(prefix_tokens=32, prefix_count=5), 200)}
    assert len(heads) == 5


def test_a_prompt_shorter_than_the_prefix_is_not_lengthened() -> None:
    workload = Workload(prompt_tokens=10, prefix_tokens=64)
    first, second = (_tokens(data) for data in sent(workload, 2))
    assert len(first) == len(second) == 10
    assert first[:9] == second[:9]
    assert len(_tokens(sent(Workload(prompt_tokens=1, prefix_tokens=64), 1)[0])) == 1


def test_a_chat_grows_turn_by_turn() -> None:
    bodies = Bodies(Workload(turns=3, prompt_tokens=10, output_tokens=5), "m")
    bodies.expect(1)
    made = [bodies.next() for _ in range(7)]
    ids = [_tokens(body.data) for body in made]
    assert [body.prompt_tokens for body in made] == [10, 10, 25, 40, 10, 25, 40]
    assert [len(prompt) for prompt in ids] == [10, 10, 25, 40, 10, 25, 40]
    for turn in (2, 3, 5, 6):
        assert ids[turn][: len(ids[turn - 1])] == ids[turn - 1]
    assert ids[4] != ids[1]


def test_a_chat_alternates_between_user_and_assistant() -> None:
    bodies = Bodies(Workload(endpoint="chat", turns=2, prompt_tokens=10, output_tokens=5), "m")
    bodies.expect(1)
    bodies.next()
    opening, reply = (json.loads(bodies.next().data)["messages"] for _ in range(2))
    assert reply[0] == opening[0]
    assert [message["role"] for message in reply] == ["user", "assistant", "user"]
    assert [len(message["content"].split()) for message in reply] == [10, 5, 10]


def test_chats_take_turns_and_as_many_live_as_requests_are_in_flight() -> None:
    bodies = Bodies(Workload(turns=2, prompt_tokens=10, output_tokens=5), "m")
    bodies.expect(4)
    openings = [tuple(_tokens(bodies.next().data)) for _ in range(4)]
    assert len(set(openings)) == 4
    later = [tuple(_tokens(bodies.next().data)) for _ in range(4)]
    assert [len(prompt) for prompt in later] == [10, 25, 10, 25]
    assert (later[1][:10], later[3][:10]) == (openings[1], openings[3])
    bodies.expect(1)
    assert [bodies.next().prompt_tokens for _ in range(2)] == [25, 10]


def test_new_lengths_leave_chats_going_on() -> None:
    bodies = Bodies(Workload(turns=2, prompt_tokens=10, output_tokens=5), "m")
    bodies.expect(1)
    bodies.next()
    opening = _tokens(bodies.next().data)
    bodies.change(Workload(turns=2, prompt_tokens=20, output_tokens=7), "m")
    fields = json.loads(bodies.next().data)
    assert fields["prompt"][:10] == opening
    assert (len(fields["prompt"]), fields["max_tokens"]) == (35, 7)


def _tokens(data: bytes) -> list[Any]:
    fields = json.loads(data)
    return fields["messages"][0]["content"].split() if "messages" in fields else fields["prompt"]  # type: ignore[no-any-return]
