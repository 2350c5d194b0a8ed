"""Compiled inner loops: vector scan, BM25 and exact dot products."""
