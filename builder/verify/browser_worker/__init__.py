"""Opens a site in Chromium: `python -m builder.verify.browser_worker`.

`builder.verify.browser` runs it as a process of its own, without credentials; it imports
little, so that it starts fast.
"""
