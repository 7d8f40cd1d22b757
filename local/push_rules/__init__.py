"""What GitHub refuses in a push: run by git as a hook, so with the standard library alone."""
