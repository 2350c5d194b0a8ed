"""How many bytes a request body may have."""

JSON_LIMIT = 1 << 20
"""Bytes of a JSON body; questions are far shorter."""


FORM_OVERHEAD = 1 << 20
"""Bytes an upload may have besides the file: fields and part headers."""


DRAIN_SECONDS = 2.0
"""How long a refused body is read and thrown away, so that the sender gets to read why."""
