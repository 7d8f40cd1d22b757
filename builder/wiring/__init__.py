"""Puts the parts together for each command: settings, adapters, the stages of the pipeline."""
