"""Builds the app that a request asks for and delivers it: generate, publish, notify."""
