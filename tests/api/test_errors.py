"""Every error that is raised on purpose has a status, a code and a title of its own."""

import importlib
import pkgutil
import re

import pytest

import api
import evaluate
import generate
import index
import ingest
import retrieve
from api.problem_details import problem, problem_response
from index.errors import FootnoteError


def _load_everything():
    for package in (index, ingest, retrieve, generate, evaluate, api):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if (
                module.name.rsplit(".", 1)[-1] == "errors"
                or module.name == "api.operations.backup_archive"
            ):
                importlib.import_module(module.name)


def _subclasses(kind):
    for subclass in kind.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


_load_everything()
ERRORS = sorted({FootnoteError, *_subclasses(FootnoteError)}, key=lambda e: e.__qualname__)


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: e.__name__)
def test_an_error_has_a_status_a_code_and_a_title(error):
    assert 400 <= error.status < 600
    assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", error.code)
    assert error.title
    assert not error.title.endswith(".")


def test_no_two_errors_share_a_code():
    codes = [error.code for error in ERRORS]
    assert sorted(codes) == sorted(set(codes))


def test_the_details_of_an_internal_error_stay_inside():
    assert "secret" not in str(problem(FootnoteError("secret words")))


def test_a_problem_has_the_members_of_rfc_9457():
    response = problem_response(FootnoteError())
    assert response.media_type == "application/problem+json"
    assert set(problem(FootnoteError())) == {"type", "title", "status", "detail", "code"}
