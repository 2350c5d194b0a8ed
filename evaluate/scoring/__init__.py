"""Scores of one sample, of a run, and of two runs compared."""
