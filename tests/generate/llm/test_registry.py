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


def one(settings):
    return f"models: [{{name: a, url: 'http://x', {settings}}}]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("models: [{name: quote, url: 'http://x'}]", "quote"),
        ("models: [{name: a, url: 'ftp://x'}]", "models.0.url"),
        ("models: [{name: a, url: 'http://x', colour: red}]", "models.0.colour"),
        ("models: [{name: a, url: 'http://x'}, {name: a, url: 'http://y'}]", "same name"),
        ("models: [{name: a, url: 'http://x', context_tokens: 512, answer_tokens: 512}]", "less"),
        ("models: [", "cannot be read"),
        (one("temperature: 3"), "models.0.temperature"),
        (one("first_token_seconds: 0"), "models.0.first_token_seconds"),
        (one("first_token_seconds: 20, deadline_seconds: 10"), "at most deadline_seconds"),
        (one("deadline_seconds: 4000"), "models.0.deadline_seconds"),
        (one("reasoning_effort: enormous"), "models.0.reasoning_effort"),
        (one("prompt: huge"), "models.0.prompt"),
        (one("answer_tokens_field: size"), "models.0.answer_tokens_field"),
        (one("extra_body: [1]"), "models.0.extra_body"),
        (one("extra_body: {stream: false}"), "may not set stream"),
        (one("extra_body: {model: b, messages: []}"), "may not set messages, model"),
        (one("extra_body: {a: .nan}"), "extra_body"),
        (one(f"extra_body: {{a: {'x' * 20_000}}}"), "16384 bytes"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path, text, expected):
    with pytest.raises(RegistryError, match=expected):
        read(tmp_path, text)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(RegistryError, match="none\\.yaml"):
        read_registry(tmp_path / "none.yaml")


def test_a_key_file_that_cannot_be_read_is_named(tmp_path):
    key_file = tmp_path / "key"
    key_file.write_text("secret\n", encoding="utf-8")
    assert read_key(key_file) == "secret"
    with pytest.raises(RegistryError, match="no key"):
        read_key(tmp_path / "no key")


def test_a_refused_file_does_not_show_what_it_adds_to_requests(tmp_path):
    with pytest.raises(RegistryError) as error:
        read(tmp_path, one("extra_body: {api_key: TOP-SECRET, stream: true}"))
    assert "TOP-SECRET" not in str(error.value)
    (spec,) = read(tmp_path, one("extra_body: {api_key: TOP-SECRET}")).models
    assert "TOP-SECRET" not in repr(spec)


@pytest.mark.parametrize(
    "change",
    ["temperature: 1", "reasoning_effort: low", "prompt: small", "extra_body: {top_k: 1}",
     "answer_tokens: 99", "served_as: b", "deadline_seconds: 99"],
)  # fmt: skip
def test_whatever_shapes_an_answer_is_in_the_digest_of_the_settings(tmp_path, change):
    plain, other = (read(tmp_path, one(text)).models[0] for text in ("tiers: []", change))
    priced = read(tmp_path, one("price: {prompt: 1}")).models[0]
    assert plain.writing_settings == priced.writing_settings != other.writing_settings
