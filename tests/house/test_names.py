"""The six packages have common names: what is imported must be ours."""

import json
import subprocess
import sys
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

import pytest

from tests.house.sources import PACKAGES, ROOT

PROGRAM = "import json, {names}; print(json.dumps([m.__file__ for m in ({names},)]))"


@pytest.mark.parametrize("folder", ["root", "elsewhere"])
def test_no_installed_distribution_shadows_our_packages(folder, tmp_path):
    """A distribution called evaluate exists; importing it instead of ours would fail far away."""
    where = ROOT if folder == "root" else tmp_path
    program = PROGRAM.format(names=", ".join(PACKAGES))
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=where, capture_output=True, text=True, check=True
    )
    for name, file in zip(PACKAGES, json.loads(result.stdout), strict=True):
        assert Path(file) == ROOT / name / "__init__.py"


def test_no_other_distribution_brings_a_package_of_the_same_name():
    owners = packages_distributions()
    for name in PACKAGES:
        assert set(owners.get(name, ["footnote"])) == {"footnote"}


def test_there_is_one_torch_and_no_torchvision():
    """Two torches overwrite each other; a torchvision of another build breaks transformers."""
    names = [item.metadata["Name"].lower() for item in distributions()]
    assert names.count("torch") == 1
    assert not {"torchvision", "torchaudio"} & set(names)


def test_every_installed_version_is_the_pinned_one():
    """An environment that drifted from constraints.txt proves nothing about a fresh clone."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    installed_versions = {
        item.metadata["Name"]: item.version.partition("+")[0]
        for item in distributions()
        if item.metadata["Name"] in pinned
    }
    drifted = {
        name: (installed_versions[name], pinned[name])
        for name in installed_versions
        if installed_versions[name] != pinned[name]
    }
    assert drifted == {}
