"""GitHub, the evaluator and a demo on one machine; the product only gets their URLs."""
