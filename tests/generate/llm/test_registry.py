"""The file of models: what fits is read, what does not is named."""

import pytest

from generate.errors import RegistryError
from generate.llm.registry import read_key, read_registry

FILE = """
models:
  - name: large
    url: http://127.0.0.1:9000/v1
    context_tokens: 32768
    price: {prompt: 0.5, completion: 2}
    tiers: [gold]
  - name: small
    url: http://127.0.0.1:9001/v1
    served_as: Qwen/Qwen3-8B
tenants: {acme: gold}
"""


def read(tmp_path, text):
    path = tmp_path / "models.yaml"
    path.write_text(text)
    return read_registry(path)


def test_a_file_of_models_is_read_in_order(tmp_path):
    registry = read(tmp_path, FILE)
    assert [spec.name for spec in registry.models] == ["large", "small"]
    assert registry.models[0].base == "http://127.0.0.1:9000"
    assert (registry.tier("acme"), registry.tier("other")) == ("gold", "standard")


def test_a_price_is_for_a_million_tokens(tmp_path):
    price = read(tmp_path, FILE).models[0].price
    assert price.of(1_000_000, 500_000) == pytest.approx(1.5)


def test_an_empty_file_has_no_models(tmp_path):
    assert read(tmp_path, "").models == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("models: [{name: quote, url: 'http://x'}]", "quote"),
        ("models: [{name: a, url: 'ftp://x'}]", "models.0.url"),
        ("models: [{name: a, url: 'http://x', colour: red}]", "models.0.colour"),
        ("models: [{name: a, url: 'http://x'}, {name: a, url: 'http://y'}]", "same name"),
        ("models: [{name: a, url: 'http://x', context_tokens: 512, answer_tokens: 512}]", "less"),
        ("models: [", "cannot be read"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path, text, told):
    with pytest.raises(RegistryError, match=told):
        read(tmp_path, text)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(RegistryError, match="none\\.yaml"):
        read_registry(tmp_path / "none.yaml")


def test_a_key_file_that_cannot_be_read_is_named(tmp_path):
    held = tmp_path / "key"
    held.write_text("secret\n", encoding="utf-8")
    assert read_key(held) == "secret"
    with pytest.raises(RegistryError, match="no key"):
        read_key(tmp_path / "no key")
