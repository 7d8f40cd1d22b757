"""Takes a request through the whole chain on this machine and shows it."""
