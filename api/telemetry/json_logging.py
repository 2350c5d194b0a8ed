"""JSON log lines: one object each, with the ids of request and trace, never with content.

Neither questions nor file names nor keys are logged. An exception is logged by its type and the
places it passed, because its message may quote what was sent.
"""

import json
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from index.tracing import current_trace_ids

request_id: ContextVar[str] = ContextVar("request_id", default="")

_FIELDS = (
    "method", "route", "status", "seconds", "caller", "code", "state", "stage", "port",
    "evaluation", "score", "job", "cause", "blob", "damage", "store",
)  # fmt: skip
"""Fields that a line may carry besides its fixed text; anything else in ``extra`` is dropped."""


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line: time, level, logger, message, ids, known fields, exception."""
        own = record.name.split(".", 1)[0] in _OWN
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage() if own else str(record.msg),
        }
        if current_id := request_id.get():
            line["request_id"] = current_id
        if trace_ids := current_trace_ids():
            line["trace_id"], line["span_id"] = trace_ids
        line |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[1] is not None:
            line |= _describe(record.exc_info[1])
        return json.dumps(line)  # in ASCII: no line moves the cursor of whoever reads the log


_OWN = frozenset({"api", "evaluate", "generate", "index", "ingest", "retrieve", "uvicorn"})
"""Loggers whose messages are ours to trust; others' arguments may hold content."""


def _describe(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "exception": type(error).__name__,
        "trace": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]],
    }


_CHATTY = (
    "alembic", "httpx", "httpcore", "sqlalchemy", "numba", "multipart", "python_multipart",
)  # fmt: skip


def configure(level: str) -> None:
    """Send every log line to stderr as JSON, from ``level`` up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)
