"""One HTML page of one recording, or of several: opens offline, prints, knows dark mode."""
