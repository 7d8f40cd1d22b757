"""`doctor`: each thing that a run needs, tried for real, and told with the fix."""
