"""The generated parts of the clients are up to date."""

import importlib.util

from tests.house.sources import ROOT


def load_script():
    spec = importlib.util.spec_from_file_location("clients", ROOT / "scripts" / "clients.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_make_clients_would_change_nothing(served):
    """Prevents a client that lacks a field which the service has, or has one which it lacks."""
    script = load_script()
    stale = script.stale_files(script.as_text(served.house.app.openapi()))
    assert [path.relative_to(ROOT).as_posix() for path in stale] == [], "Run `make clients`."
