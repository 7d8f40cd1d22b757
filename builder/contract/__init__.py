"""What must be delivered: the certain core, and a model's reading of the request with quotes."""
