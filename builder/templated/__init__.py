"""The site without a model: a page by general rules from brief and attachments, and its papers."""

from builder.templated.building import build
from builder.templated.papers import licence, readme
from builder.templated.sources import attachments

__all__ = ["attachments", "build", "licence", "readme"]
