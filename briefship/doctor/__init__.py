"""`doctor`: tries each thing that a run needs, and says what to do."""
