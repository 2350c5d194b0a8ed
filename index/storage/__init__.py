"""Bytes on disk or in a bucket: originals, durable writes, packed layouts."""
