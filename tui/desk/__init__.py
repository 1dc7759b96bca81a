"""The screens before and after a session: setting one up, and the list of those that were recorded."""
