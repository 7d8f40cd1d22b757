"""The site without a model: a page by general rules from brief and attachments, and its papers."""

from builder.templated.building import build
from builder.templated.papers import readme

__all__ = ["build", "readme"]
