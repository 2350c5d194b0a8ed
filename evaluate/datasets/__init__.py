"""Evaluation sets and corpora: loading, importing, filling a store."""
