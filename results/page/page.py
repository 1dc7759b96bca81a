"""Puts a page together: style, tables, plots, and the library that draws them, all in one file.

Its policy allows no connection, and no script but those of the page itself: it opens offline, and text from a server
could load nothing even if it were not escaped.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path

from results.page import table
from results.page.source import Source, read
from results.unsuited import Unsuited
from session.slo import SHARE


def write(paths: Sequence[Path], out: Path, *, slo: Mapping[str, float] | None = None, share: float = SHARE) -> None:
    """Write the page of one recording or of several; ``slo`` and ``share`` are bounds to judge them by.

    Raises ``OSError``, :class:`session.codec.NotARecording`, and :class:`Unsuited` where Plotly is not installed.
    """
    try:
        import plotly  # noqa: F401
    except ImportError:
        raise Unsuited("the HTML page needs Plotly: pip install 'rooftop[html]'") from None
    out.write_text(page([read(path, slo) for path in paths], share=share), encoding="utf-8")


def page(sources: Sequence[Source], *, share: float = SHARE) -> str:
    """Return the page."""
    from plotly.offline import get_plotlyjs

    from results.page.against_load import overall
    from results.page.alone import of_one
    from results.page.plot import Plot

    plots: list[Plot] = []

    def shown(found: Sequence[Plot]) -> str:
        plots.extend(found)
        return f"<div class=plots>{''.join(_figure(plot) for plot in found)}</div>"

    body = [
        f"<h1>{escape(_title(sources))}</h1>",
        f"<p class=lead>{escape(_lead(sources))}</p>",
        _contents(sources),
        "<section id=load><h2>Against load</h2>",
        shown([*overall(sources)]),
        "</section>",
    ]
    for number, source in enumerate(sources):
        body.append(f"<section id=run-{number}><h2>{escape(source.run.name)}</h2>")
        body.append(f"{table.facts(source)}{table.warnings(source)}{table.slo(source, share)}{table.levels(source)}")
        body.append(shown([*of_one(source, number)]) + "</section>")
    drawn = [{"id": plot.id, "figure": json.loads(plot.figure.to_json())} for plot in plots]
    scripts = (get_plotlyjs(), _file("page.js"))
    return _DOCUMENT.format(
        policy=_policy(scripts),
        title=escape(_title(sources)),
        style=_file("page.css"),
        body="\n".join(body),
        plots=_inert(json.dumps(drawn, allow_nan=False)),
        library=scripts[0],
        script=scripts[1],
    )


_DOCUMENT = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
<footer>Made by rooftop. How each figure is measured: docs/metrics.md; what limits a step: docs/verdict.md.</footer>
<script type="application/json" id="plots">{plots}</script>
<script>{library}</script>
<script>{script}</script>
</body>
</html>
"""


def _policy(scripts: Sequence[str]) -> str:
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    return f"default-src 'none'; style-src 'unsafe-inline'; img-src data: blob:; script-src {hashes}"


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _figure(plot: object) -> str:
    from results.page.plot import Plot

    assert isinstance(plot, Plot)
    wide = " class=full" if plot.wide else ""
    note = f"<small>{escape(plot.note)}</small>" if plot.note else ""
    return f'<figure{wide}><figcaption>{escape(plot.title)}{note}</figcaption><div id="{plot.id}"></div></figure>'


def _contents(sources: Sequence[Source]) -> str:
    """Return links to the page's sections."""
    runs = [f'<a href="#run-{number}">{escape(source.run.name)}</a>' for number, source in enumerate(sources)]
    return '<nav><a href="#load">Against load</a> ' + " ".join(runs) + "</nav>"


def _title(sources: Sequence[Source]) -> str:
    return " against ".join(source.run.name for source in sources)


def _lead(sources: Sequence[Source]) -> str:
    lines = [level.view.verdict.step for source in sources for level in source.run.levels]
    told = " → ".join(dict.fromkeys(line for line in lines if line))
    return (
        f"limited by {told}" if told and len(sources) == 1 else f"{len(sources)} recordings" if len(sources) > 1 else ""
    )


def _inert(text: str) -> str:
    """Return JSON that cannot end its script element."""
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _file(name: str) -> str:
    return (files("results.page") / name).read_text(encoding="utf-8")
