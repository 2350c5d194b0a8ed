"""A question's way to evidence: rewrite, search, fuse, rerank, expand."""
