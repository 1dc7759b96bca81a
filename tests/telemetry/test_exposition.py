"""The text format: what is read of it, and that nothing in it can hurt."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry.exposition import MAX_LINE, Sample, samples

WANTED = frozenset({"a", "vllm:b_total"})


def read(text: str) -> list[Sample]:
    return list(samples(text, WANTED))


def test_names_labels_and_values() -> None:
    text = '# HELP a b\n# TYPE a gauge\na 1\na{} 2.5\nvllm:b_total{x="1",y_2="two words",} 1.5e+06\nother 3\n'
    assert read(text) == [
        Sample("a", {}, 1.0),
        Sample("a", {}, 2.5),
        Sample("vllm:b_total", {"x": "1", "y_2": "two words"}, 1.5e6),
    ]


def test_escapes_in_label_values() -> None:
    (sample,) = read('a{x="quo\\"te } {",y="back\\\\slash",z="line\\nfeed"} 1\n')
    assert sample.labels == {"x": 'quo"te } {', "y": "back\\slash", "z": "line\nfeed"}


def test_time_stamps_and_exemplars_are_passed_over() -> None:
    assert [s.value for s in read('a 1 1700000000\na{x="y"} 2 # {trace="z"} 9 1.0\r\na\t 3\r\n')] == [1.0, 2.0]


def test_lines_that_are_no_samples_are_skipped() -> None:
    bad = [
        "a",
        "a ",
        "a NaN",
        "a +Inf",
        "a 1e999",
        "a 1_000",
        "a 0x10",
        "a{ 1",
        "a{x} 1",
        'a{x="} 1',
        'a{x="y" 1',
        'a{x="y"}',
        'a{x="y"} one',
        "\x00\x1b[2J",
        "{} 1",
    ]
    assert read("\n".join(bad) + "\na 7\n") == [Sample("a", {}, 7.0)]


def test_a_line_cut_short_is_not_believed() -> None:
    assert [s.value for s in read("a 1\na 84")] == [1.0]


def test_a_huge_line_is_skipped() -> None:
    assert read(f'a{{x="{"y" * MAX_LINE}"}} 1\na 2\n') == [Sample("a", {}, 2.0)]


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from('a{}="\\,\n 1.eE+-NIx\x1b'), max_size=60))
def test_no_text_raises(text: str) -> None:
    for sample in read(text + "\n"):
        assert sample.name == "a"
