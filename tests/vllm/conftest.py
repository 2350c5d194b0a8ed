"""One model and one server for all tests here."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.vllm.server import REAL_MODEL, running_vllm


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


@pytest.fixture(scope="module")
def real_model():
    """Return a running server with a real instruction-tuned model."""
    if not REAL_MODEL:
        pytest.skip("name a real model's folder: make test-vllm MODEL=DIR")
    with running_vllm(Path(REAL_MODEL)) as server:
        yield server
