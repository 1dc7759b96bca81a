"""A comparison as Markdown, for a pull request or an issue."""

from __future__ import annotations

from results.compare.comparison import Comparison
from results.compare.gate import FINE, REGRESSED
from results.compare.remarks import damage, slo_lines
from results.compare.rows import LEGEND, headings, rows
from session.plain import plain
from session.slo import SHARE

_MARKS = {REGRESSED: "❌", FINE: "✅"}


def as_markdown(found: Comparison, share: float = SHARE) -> str:
    """Return tables and lists; whatever came from a recording is escaped."""
    titles = headings(found)
    lines = [f"### {' against '.join(escaped(side.name) for side in reversed(found.sides))}", ""]
    lines += [f"| level | side | {' | '.join(titles)} | limited by |", f"|---|---|{'---:|' * len(titles)}---|"]
    for row in rows(found):
        cells = " | ".join(f"{cell.value} ({cell.change})" if cell.change else cell.value for cell in row.cells)
        lines.append(f"| {row.level} | {escaped(row.side)} | {cells} | {escaped(row.verdict)} |")
    lines += ["", LEGEND]
    lines += [f"- {found.caveat}"] if found.caveat else []
    lines += [f"- {escaped(line)}" for line in (*slo_lines(found, share), *damage(found))]
    lines += [f"- {escaped(side.name)}: measured by {escaped(side.origin)}" for side in found.sides if side.origin]
    lines += [f"- {escaped(one.words)}" for one in found.crossings]
    lines += [f"- {_MARKS.get(one.outcome, '❔')} {one.outcome}: {escaped(one.text)}" for one in found.findings]
    lines += [f"- not compared: {escaped(side.name)}, {key.whole}"
              for side, key in found.alone]  # fmt: skip
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>|#!" else c for c in plain(text))
