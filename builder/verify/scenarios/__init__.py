"""Scenarios: what a person would do with the app and expect to see of it, as data."""
