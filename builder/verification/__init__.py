"""A look at a site in Chromium: `python -m builder.verification` is run by `builder.browser`.

It is a process of its own, without credentials, and imports little, so that it starts fast.
"""
