"""``rooftop export FILE --to FORMAT``: a recording in another tool's format."""

from __future__ import annotations

from pathlib import Path

from results.export.formats import FORMATS
from rooftop.export import run_export
from rooftop.parsing import parser_of


def command(words: list[str]) -> int:
    """Run it."""
    width = max(map(len, FORMATS))
    formats = "\n".join(f"  {name:{width}}  {form.what}" for name, form in FORMATS.items())
    parser = parser_of("export", "Write a recording in another tool's format.", f"formats:\n{formats}\n")
    parser.add_argument("file", type=Path, metavar="FILE", help="a recording")
    parser.add_argument("--to", required=True, choices=FORMATS, metavar="FORMAT", help=", ".join(FORMATS))
    parser.add_argument("-o", "--output", type=Path, metavar="PATH", help="file or folder (default: beside, by name)")
    parser.add_argument("--force", action="store_true", help="write over a file that exists")
    return run_export(parser.parse_args(words))
