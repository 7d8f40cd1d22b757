"""A look at a site in Chromium: `python -m builder.verification.look`.

`builder.verification.browser` runs it as a process of its own, without credentials; it imports
little, so that it starts fast.
"""
