"""GitHub, the evaluator and a demo on one machine; the product knows none of it, it gets URLs."""
