"""The site without a model: it quotes the brief, and shows the attachments by their format."""

from builder.fallback.building import build, readme

__all__ = ["build", "readme"]
