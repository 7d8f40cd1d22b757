"""Runs programs that a model wrote, where no credential, file or private address is in reach."""
