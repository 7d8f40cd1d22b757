"""Whether a site does what was asked: its files, its secrets, its page in a browser."""
