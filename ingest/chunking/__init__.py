"""Parsed text to chunks: pure and deterministic."""
