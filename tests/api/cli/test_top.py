"""``footnote top`` in words: what is not known is a dash, what fails is in capitals."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from api.cli import main

METRICS = b"""\
footnote_queue_depth 3
footnote_queue_oldest_seconds 605
footnote_jobs{state="failed",code="broken-document"} 2
footnote_workers{state="alive"} 1
footnote_workers{state="configured"} 2
footnote_answers_total{status="answered"} 40
footnote_answers_total{status="no_evidence"} 2
footnote_model_seconds_count{model="qwen",outcome="ok"} 30
footnote_model_seconds_count{model="qwen",outcome="model-timeout"} 12
footnote_model_circuit_open{model="qwen"} 1
process_resident_memory_bytes 5.2e+08
footnote_disk_free_bytes 4.2e+10
"""


@pytest.fixture
def url():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            is_known = self.headers["Authorization"] == "Bearer fn_root"
            self.send_response(200 if is_known and self.path == "/metrics" else 401)
            self.end_headers()
            self.wfile.write(METRICS if is_known else b"")

        def log_message(self, *_arguments):
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_figures_of_a_service_fit_on_a_screen(url, capsys):
    assert main(["top", "--server", url, "--key", "fn_root", "--once"]) == 0
    text = capsys.readouterr().out
    assert "3 jobs wait or run, the oldest waits 10 min; 1 of 2 workers run" in text
    assert "answered 40, no_evidence 2" in text
    assert "qwen: 42 requests, 12 failed; first token p95 -" in text
    assert "PASSED OVER" in text
    assert "520 MB of memory" in text
    assert "42.0 GB free" in text
    assert len(text.splitlines()) < 24
    assert max(map(len, text.splitlines())) < 120


def test_a_script_gets_them_as_json(url, capsys):
    assert main(["top", "--server", url, "--key", "fn_root", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["queue"]["jobs"] == {"failed": 2}
    assert figures["models"]["qwen"]["is_passed_over"] is True
    assert figures["process"]["event_loop_lag_p99_s"] is None


def test_whoever_may_not_see_them_is_told(url, capsys):
    assert main(["top", "--server", url, "--key", "fn_ann", "--once"]) == 1
    assert "401" in capsys.readouterr().err
    assert main(["top"]) == 2
    assert "--server URL" in capsys.readouterr().err
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        gone = f"http://127.0.0.1:{free.getsockname()[1]}"
    assert main(["top", "--server", gone, "--key", "fn_root", "--once"]) == 1
