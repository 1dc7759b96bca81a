"""The screen: draws a session's snapshots and turns keys into load."""
