"""What we know and who may see it: domain types, tables, access, vector and BM25 search."""
