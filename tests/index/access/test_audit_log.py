"""The audit log: reads go to a file in batches and say nothing of content."""

import json

from index.access.audit_log import ReadLog
from index.types import Scope


def test_every_read_is_written_once(tmp_path):
    log = ReadLog(tmp_path)
    scope = Scope.of("default", ["user:ann"])
    for number in range(500):
        log.record(scope, "user:ann", "search", [f"doc_{number}"])
    log.close()
    lines = [json.loads(line) for path in tmp_path.iterdir() for line in path.open()]
    assert [line["documents"] for line in lines] == [[f"doc_{n}"] for n in range(500)]
    assert set(lines[0]) == {"at", "tenant", "reader", "action", "documents"}
