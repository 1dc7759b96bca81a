"""What the user says of a recording afterwards, in place of what was said when it was made."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from session.events import Header


def with_slo(header: Header, slo: Mapping[str, float] | None) -> Header:
    """Return the header with these bounds (s, by ``ttft``, ``tpot``, ``e2e``); with its own where there are none."""
    return msgspec.structs.replace(header, slo=dict(slo)) if slo else header
