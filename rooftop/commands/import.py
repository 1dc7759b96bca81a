"""``rooftop import FILE``: results of other tools as a recording."""

from __future__ import annotations

from pathlib import Path

from results.imports.files import KNOWN, imported, write
from results.imports.parts import Said
from rooftop import __version__
from rooftop.errors import Failure, Usage
from rooftop.options import gpu, whole
from rooftop.parsing import parser_of
from rooftop.recorded import unreadable
from session.codec import NotARecording

EPILOG = f"Reads {KNOWN}. Several files become one recording; a dmon log goes with runs of its time.\n"


def command(words: list[str]) -> int:
    """Run it."""
    parser = parser_of("import", "Make a recording of what other tools measured.", EPILOG)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a result, a report or a log")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="the recording")
    parser.add_argument(
        "--gpu", type=gpu, metavar="NAME", help="which GPU it was, e.g. h200, since no such file says it"
    )
    parser.add_argument("--tp", type=whole(1, 1024), metavar="N", help="how many GPUs the model was spread over")
    parser.add_argument("--model-shape", metavar="NAME", help="the model's shape in the built-in table")
    args = parser.parse_args(words)
    try:
        found = imported(args.files, Said(args.gpu, args.tp, args.model_shape), __version__)
        if found is None:
            raise Usage(f"import reads {KNOWN}, and one of these files is none of them")
        write(found, args.output)
    except FileExistsError:
        raise Usage(f"{args.output} exists: say another with -o FILE") from None
    except NotARecording as error:
        raise unreadable(getattr(error, "path", None) or args.files[0], error) from None
    except OSError as error:
        raise Failure(f"{error.filename or args.output}: {error.strerror}") from None
    print(f"{args.output}: from {found.header.origin}, {len(found.events):,} events")
    return 0
