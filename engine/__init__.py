"""The process that measures: it samples server and GPUs, commands load workers and writes the recording."""
