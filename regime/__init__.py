"""Pure arithmetic: what a decode step costs on a GPU, and which part of it the step waits for.

Nothing here reads a device, a file of the user's or a socket; every function is deterministic.
"""
