"""The rules of a comparison as JUnit XML, which every CI system reads."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, tostring

from results.compare.comparison import Comparison
from results.compare.gate import REGRESSED, UNDECIDED
from session.plain import plain


def as_junit(found: Comparison) -> str:
    """Return a test case for each rule, level and side: a regression fails, what cannot be told is an error."""
    outcomes = [one.outcome for one in found.findings]
    suite = Element("testsuite", name="rooftop compare", tests=str(len(outcomes)),
                    failures=str(outcomes.count(REGRESSED)), errors=str(outcomes.count(UNDECIDED)))  # fmt: skip
    for one in found.findings:
        case = SubElement(suite, "testcase", classname=plain(one.point.side.name),
                          name=plain(f"{one.rule.text} at {one.matched.key.words}"))  # fmt: skip
        if one.outcome == REGRESSED:
            SubElement(case, "failure", message=plain(one.text))
        elif one.outcome == UNDECIDED:
            SubElement(case, "error", message=plain(one.text))
        else:
            SubElement(case, "system-out").text = plain(one.text)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(suite, encoding="unicode") + "\n"
