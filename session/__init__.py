"""The contract between what measures and what shows: events, recordings, and their fold to a snapshot."""
