"""Reads GPUs and servers into events; one thread a source, never the loop that times tokens."""
