"""Looks for damage in a store: database, rows and index files. Nothing here changes anything."""
