"""Dense and BM25 search over the rows that one scope may read."""
