"""A simulated vLLM server: real HTTP on loopback, continuous batching, step times of a model fitted to real H200s.

Everything it says about GPUs is computed, and is marked as simulated wherever it is shown.
"""
