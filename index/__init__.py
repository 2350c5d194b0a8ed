"""The stored documents and who may see them: types, tables, access, vector and BM25 search."""
