"""One model and one server for all tests here."""

import subprocess
import sys

import pytest

from tests.vllm.server import running_vllm


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory):
    """Folder of a tiny Llama of random weights."""
    folder = tmp_path_factory.mktemp("tiny") / "model"
    subprocess.run([sys.executable, "scripts/make_tiny_model.py", folder], check=True)
    return folder


@pytest.fixture(scope="session")
def vllm(tiny_model):
    """Return a running server."""
    with running_vllm(tiny_model) as server:
        yield server
