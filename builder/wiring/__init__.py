"""The composition root: each command of the command line with the adapters that it needs.

Libraries are imported by the command that uses them, so that none pays for another's.
"""
