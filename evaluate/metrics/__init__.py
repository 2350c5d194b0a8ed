"""Metrics: each a small pure function that returns a Score with its reason."""
