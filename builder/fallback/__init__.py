"""The site without a model: the brief told as it is, and the attachments shown by their format."""

from builder.fallback.building import build, readme

__all__ = ["build", "readme"]
