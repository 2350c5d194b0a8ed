"""Settings come from the environment, once, and say what is wrong with them."""

import pytest
from pydantic import ValidationError

from api.composition.ingestion import lease_of
from api.composition.store import open_database
from api.settings import Settings


def test_settings_are_read_from_the_environment_with_their_prefix(monkeypatch):
    monkeypatch.setenv("FOOTNOTE_PORT", "9001")
    monkeypatch.setenv("FOOTNOTE_ALLOWED_HOSTS", "Notes.example.org, other.example.org")
    settings = Settings()
    assert settings.port == 9001
    assert settings.allowed_hosts == ["notes.example.org", "other.example.org"]


def test_a_secret_is_not_shown_when_settings_are_printed():
    settings = Settings(model_key="sk-very-secret", database_url="postgresql://u:very-secret@h/d")
    assert "very-secret" not in repr(settings)


def test_a_wrong_value_is_refused_without_repeating_it():
    with pytest.raises(ValidationError) as error:
        Settings(port="sk-pasted-by-mistake")
    assert "sk-pasted-by-mistake" not in str(error.value)


def test_every_setting_says_what_it_is_for():
    undescribed = [name for name, field in Settings.model_fields.items() if not field.description]
    assert undescribed == []


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.0.1.1", True), ("::1", True), ("0.0.0.0", False)],
)
def test_loopback_is_recognised(host, loopback):
    assert Settings(host=host).on_loopback is loopback


def test_a_process_opens_as_many_connections_as_are_set():
    settings = Settings(database_url="postgresql+psycopg://db/footnote", database_connections=3)
    database = open_database(settings)
    assert database.engine.pool.size() == 3
    assert lease_of(Settings(lease_seconds=90)).total_seconds() == 90
