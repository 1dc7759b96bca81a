"""The command line: puts load, telemetry, recording and screen together."""

__version__ = "0.1.0"
