"""The command for people: set up, check, send, look at runs. The workflow runs `builder`."""
