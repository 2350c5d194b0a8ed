"""A document's way in: parse, chunk, embed, commit; the durable job queue."""
