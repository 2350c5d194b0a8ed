"""Which embedding model a store uses: one row that every process follows."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from index.db.store_settings import put_setting, put_setting_once
from index.db.tables.store import StoreSetting
from index.errors import ModelSwitchedError

NAME = "embedding-model"
SOURCE = "embedding-source:"

_VALUE = select(StoreSetting.value).where(StoreSetting.name == bindparam("setting"))


def active_model(session: Session) -> str | None:
    """Return the name of the model in use; none while the store has never been switched."""
    return session.scalar(_VALUE, {"setting": NAME})


def require_active(session: Session, model: str) -> None:
    """Check that a model is the one in use at the session's moment.

    Raises:
        ModelSwitchedError: it is not; what it knows of the store may lack later documents.

    """
    active = active_model(session)
    if active not in (None, model):
        raise ModelSwitchedError(
            f"The store uses the embedding model {active!r}, not {model!r}. Use that one, or move "
            "the store: `footnote admin model use bundled`, or a model's folder for `bundled`."
        )


def claim_active(session: Session, model: str) -> None:
    """Check as ``require_active`` does; the first model that writes becomes the one in use."""
    require_active(session, model)
    if active_model(session) is None:
        put_setting_once(session, NAME, model)
        require_active(session, model)  # another process may have been first


def source_of(session: Session, model: str) -> str | None:
    """Return where a model is loaded from, as the setting names it; none if nobody has said."""
    return session.scalar(_VALUE, {"setting": f"{SOURCE}{model}"})


def record_source(session: Session, model: str, source: str) -> None:
    """Note where every process loads a model from: ``bundled``, or a folder."""
    put_setting(session, f"{SOURCE}{model}", source)


def record_active(session: Session, model: str) -> None:
    """Make a model the one in use when the session commits."""
    put_setting(session, NAME, model)
