"""Generates load: what to send, how often, and a streaming client that times every token."""
