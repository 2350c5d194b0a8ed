"""Failures of our services, for assistants: what happened and what to do, and nothing else."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import ClientDisconnect

from api.errors import RemoteError, StoreUnavailableError
from api.problem_details import DATABASE_FAILURES, problem
from index.errors import FootnoteError, NotFoundError

logger = logging.getLogger(__name__)

_NOT_FOUND = 404


@contextmanager
def explained() -> Iterator[None]:
    """Turn every failure of the block into an error of ours, whose words may be shown.

    Raises:
        FootnoteError: the block failed.

    """
    try:
        yield
    except RemoteError as error:
        raise (NotFoundError() if error.answered == _NOT_FOUND else error) from error
    except FootnoteError:
        raise
    except ClientDisconnect as error:
        raise FootnoteError("The asker has left.") from error
    except DATABASE_FAILURES as error:
        raise StoreUnavailableError("The database does not answer.") from error
    except Exception as error:  # a bug: it is logged here, and its words stay here
        logger.exception("a request of an assistant failed")
        raise FootnoteError from error


def refusal_text(error: FootnoteError) -> str:
    """Return an error's title and detail, as in its problem document."""
    body = problem(error)
    title, detail = str(body["title"]), str(body["detail"])
    return title if detail == title else f"{title}. {detail}"
