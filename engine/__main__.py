"""``python -m engine``: started by the command line, which speaks to it over pipes."""

from __future__ import annotations

import sys

from engine.main import main

if __name__ == "__main__":
    sys.exit(main())
