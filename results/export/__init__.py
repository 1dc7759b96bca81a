"""Recordings in the words of other tools."""
