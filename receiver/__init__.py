"""Takes requests over HTTP and hands them to GitHub as `repository_dispatch` events."""
