"""What to do about a kind of error, in a few words."""

from __future__ import annotations

_REMEDIES = {
    "connect": "is the server running at this address?",
    "timeout": "more --timeout, or fewer in flight",
    "tls": "the address with http://, or a certificate that this machine trusts",
    "reset": "the server's log says why it closed the connection",
    "cut": "the server's log says why it stopped",
    "not_a_stream": "is this address the server's own, and not a proxy's that gathers answers?",
    "garbage": "is this address an OpenAI endpoint?",
    "http_400": "lengths that the model's context holds",
    "http_401": "the key goes into ROOFTOP_API_KEY, or where --api-key-env says",
    "http_403": "the key goes into ROOFTOP_API_KEY, or where --api-key-env says",
    "http_404": "--model names what to ask for; is this address an OpenAI endpoint?",
    "http_413": "shorter prompts",
    "http_429": "the server wants less load",
    "http_503": "the server is not ready, or wants less load",
}


def remedy(kind: str) -> str | None:
    """Return what to do about errors of a kind; ``None`` where there is nothing to say."""
    found = _REMEDIES.get(kind)
    return found or ("the server's log says why" if kind.startswith("http_5") else None)


def named(kind: str, status: int | None) -> str:
    """Return a kind with its status, which is said once."""
    return kind if status is None or kind.endswith(str(status)) else f"{kind} {status}"
