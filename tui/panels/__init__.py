"""What each panel says: pure functions from a scene and a size to a block of lines."""
