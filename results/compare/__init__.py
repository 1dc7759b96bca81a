"""Recordings side by side: levels matched, differences with their intervals, regressions."""
