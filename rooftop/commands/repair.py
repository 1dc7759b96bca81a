"""``rooftop repair FILE``: what can be read of a damaged recording, in a new file."""

from __future__ import annotations

from pathlib import Path

from rooftop.errors import Failure
from rooftop.parsing import parser_of
from rooftop.recorded import unreadable
from session.codec import NotARecording
from session.lost import lost_lines
from session.paths import SUFFIX
from session.repair import repair


def command(words: list[str]) -> int:
    """Run it."""
    parser = parser_of(
        "repair",
        "Copy what can be read of a recording into a new file and say what is lost. The recording stays as it is.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="a recording, damaged or not, of any format")
    parser.add_argument("-o", "--output", type=Path, metavar="OUT",
                        help="write the copy here (default: NAME.repaired.rooftop beside it)")  # fmt: skip
    args = parser.parse_args(words)
    target = args.output or _beside(args.file)
    if target.exists():
        raise Failure(f"{target} is there already, and a recording is never overwritten; choose another name with -o")
    try:
        found = repair(args.file, target)
    except FileExistsError:
        raise Failure(f"{target} cannot be created: something has that name") from None
    except NotARecording as error:
        raise unreadable(args.file, error) from None
    except OSError as error:
        raise Failure(f"{error.filename or target}: {error.strerror}") from None
    print(f"{target}: {found.events:,} events" + ("" if found.complete else "; the session's end is not among them"))
    if found.unread:
        print(f"{found.unread:,} lines are of a kind that this version cannot read; they are kept where they fit")
    for line in lost_lines(found.lost):
        print(line)
    if not found.lost:
        print("nothing that was written is lost")
    return 0


def _beside(path: Path) -> Path:
    name = path.name.removesuffix(".gz").removesuffix(SUFFIX)
    return path.with_name(f"{name}.repaired{SUFFIX}")
