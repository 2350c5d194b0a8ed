"""Replies in a form by the official client: every value is checked, or it is not there."""

import json
from typing import Literal

import openai
import pytest
from openai import OpenAI
from pydantic import BaseModel

from api.openai_compatible.structured_text import _parsed
from tests.api.conftest import House
from tests.fakes.model_server import running_model_server

TEXT = (
    "The ferry to Ardal leaves the north pier at nine. The ferry to Ardal carries 1,120 passengers."
    " The harbours of the ferry are Ardal and Skaun."
)
ASK = [{"role": "user", "content": "What do we know of the ferry to Ardal?"}]
HEAD = "| Attribute | Value |\n| --- | --- |\n"


class Ferry(BaseModel):
    leaves: str
    passengers: int
    captain: str | None


@pytest.fixture(scope="module")
def server():
    with running_model_server() as running:
        yield running


@pytest.fixture(scope="module")
def house(tmp_path_factory, server):
    folder = tmp_path_factory.mktemp("forms")
    with House(folder, model_url=f"{server.url}/v1", model_name="m", workers=1) as house:
        house.person("ann").add(TEXT, allow=["tenant:all"])
        yield house


@pytest.fixture
def client(client_of, house):
    return client_of(house.person("ann"))


@pytest.fixture
def says(server):
    """Let the model write these rows."""

    def rows(*lines):
        server.script = HEAD + "\n".join(f"| {name} | {value} |" for name, value in lines)

    return rows


FERRY = (
    ("leaves", "the north pier at nine [1]"),
    ("passengers", "1,120 passengers [1]"),
    ("captain", "Ann Lowe [1]"),  # no document says so
)


def annotated(text, citations):
    return {text[each["start_index"] : each["end_index"]]: each["quote"] for each in citations}


def test_a_completion_is_parsed_and_each_value_has_its_citation(client, says, server):
    says(*FERRY)
    completion = client.chat.completions.parse(
        model="footnote", messages=ASK, response_format=Ferry
    )
    message = completion.choices[0].message
    assert message.parsed == Ferry(leaves="the north pier at nine", passengers=1120, captain=None)
    cited = annotated(message.content, [a.file_citation for a in message.annotations])
    assert set(cited) == {'"the north pier at nine"', "1120"}
    assert all(quote in TEXT for quote in cited.values())
    prompt = server.requests[0]["messages"][-1]["content"]
    assert "| captain | (a few words) [n] |" in prompt


def test_a_response_has_the_form_also_streamed_stored_and_in_the_background(client, says):
    says(*FERRY)
    request = {"model": "footnote", "input": ASK[0]["content"]}
    response = client.responses.parse(**request, text_format=Ferry)
    assert response.output_parsed.passengers == 1120
    assert response.text.format.name == "Ferry"
    assert client.responses.retrieve(response.id).output_text == response.output_text
    with client.responses.stream(**request, text_format=Ferry) as stream:
        kinds = [event.type for event in stream]
        assert stream.get_final_response().output_parsed == response.output_parsed
    assert kinds.count("response.output_text.delta") == 1
    shape = {"format": {"type": "json_schema", "name": "f", "schema": Ferry.model_json_schema()}}
    waiting = client.responses.create(**request, text=shape, background=True)
    while waiting.status in {"queued", "in_progress"}:
        waiting = client.responses.retrieve(waiting.id)
    assert json.loads(waiting.output_text) == json.loads(response.output_text)


def test_what_the_documents_do_not_say_is_a_refusal_where_the_schema_needs_it(client, says):
    says(("leaves", "the north pier at nine [1]"), ("passengers", "2,500 passengers [1]"))
    message = client.chat.completions.parse(
        model="footnote", messages=ASK, response_format=Ferry
    ).choices[0].message  # fmt: skip
    assert (message.content, message.parsed) == (None, None)
    assert message.refusal == "The documents do not say this: passengers."
    with client.responses.stream(
        model="footnote", input=ASK[0]["content"], text_format=Ferry
    ) as stream:
        kinds = [event.type for event in stream]
    assert "response.refusal.done" in kinds
    assert "response.output_text.delta" not in kinds
    chunks = client.chat.completions.create(
        model="footnote", messages=ASK, stream=True,
        response_format={"type": "json_schema", "json_schema": as_sent(Ferry)},
    )  # fmt: skip
    deltas = [chunk.choices[0].delta for chunk in chunks]
    assert not any(delta.content for delta in deltas)
    assert any(delta.refusal for delta in deltas)


def as_sent(model):
    return {"name": "form", "schema": model.model_json_schema()}


def test_lists_choices_and_objects_are_checked_too(client, says):
    class Harbours(BaseModel):
        harbours: list[Literal["Ardal", "Skaun"]]

    class Line(BaseModel):
        ferry: Harbours

    says(("ferry harbours", "Ardal [1]"), ("ferry harbours", "Skaun [1]"))
    message = client.chat.completions.parse(
        model="footnote", messages=ASK, response_format=Line
    ).choices[0].message  # fmt: skip
    assert message.parsed.ferry.harbours == ["Ardal", "Skaun"]


def test_an_object_without_a_schema_has_the_models_names_and_checked_values(client, says):
    says(("passengers of the ferry", "1,120 [1]"), ("owner of the ferry", "Ann Lowe [1]"))
    completion = client.chat.completions.create(
        model="footnote", messages=ASK, response_format={"type": "json_object"}
    )
    assert json.loads(completion.choices[0].message.content) == {"passengers of the ferry": "1,120"}


def test_a_model_that_fails_and_a_question_without_evidence_are_refusals(client, server, says):
    says(*FERRY)
    server.mode = "unavailable"
    try:
        failed = client.chat.completions.parse(
            model="footnote", messages=ASK, response_format=Ferry
        )
    finally:
        server.mode = "normal"
    assert failed.choices[0].message.parsed is None
    assert failed.choices[0].message.refusal


@pytest.mark.parametrize(
    ("schema", "param"),
    [
        ({"type": "object", "properties": {"is_late": {"type": "boolean"}}}, ".properties.is_late"),
        (
            {
                "type": "object",
                "properties": {"stops": {"type": "array", "items": {"type": "object"}}},
            },
            ".properties.stops",
        ),
        ({"type": "array", "items": {"type": "string"}}, ""),
        ({"type": "object", "properties": {}}, ""),
        ({"type": "nonsense"}, ""),
        (
            {"type": "object", "properties": {"a": {"type": "string", "pattern": "(a+)+$"}}},
            ".properties.a.pattern",
        ),
        ({"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1/x"}}}, ".properties.a"),
        (
            {
                "type": "object",
                "properties": {"a": {"$ref": "#/$defs/a"}},
                "$defs": {"a": {"$ref": "#/$defs/a"}},
            },
            ".properties.a",
        ),
        (  # a validator would follow it for ever, or 2 ** 30 times
            {
                "type": "object",
                "properties": {"a": {"$ref": "#/$defs/a", "type": "string"}},
                "$defs": {"a": {"$ref": "#/$defs/a", "type": "string"}},
            },
            ".properties.a",
        ),
        (
            {
                "type": "object",
                "properties": {"a": {"type": "string", "anyOf": [{"$ref": "#/$defs/0"}] * 2}},
                "$defs": {
                    **{str(i): {"anyOf": [{"$ref": f"#/$defs/{i + 1}"}] * 2} for i in range(30)},
                    "30": {"minLength": 99},
                },
            },
            ".properties.a",
        ),
        (  # 30 ** 5 values
            {
                "type": "object",
                "properties": {"a": {"$ref": "#/$defs/0"}},
                "$defs": {
                    str(i): {
                        "type": "object",
                        "properties": {str(j): {"$ref": f"#/$defs/{i + 1}"} for j in range(30)},
                    }
                    for i in range(4)
                }
                | {"4": {"type": "string"}},
            },
            ".properties.a",
        ),
        (
            {"type": "object", "properties": {"a": {"$ref": "#/$defs/0", "type": "string"}}},
            ".properties.a",
        ),
        ({"type": "object", "properties": {"a": True, "b": {"anyOf": [True]}}}, ".properties.a"),
        (
            {"type": "object", "properties": {"a_b": {"type": "string"}, "aB": {"type": "string"}}},
            "",
        ),
    ],
)  # fmt: skip
def test_a_schema_that_cannot_be_checked_is_a_bad_request_that_names_it(client, schema, param):
    sent = {"type": "json_schema", "json_schema": {"name": "f", "schema": schema}}
    with pytest.raises(openai.BadRequestError) as refusal:
        client.chat.completions.create(model="footnote", messages=ASK, response_format=sent)
    assert refusal.value.param == f"response_format.json_schema.schema{param}"
    sent = {"type": "json_schema", "name": "f", "schema": schema}
    for background in (False, True):
        with pytest.raises(openai.BadRequestError) as refusal:
            client.responses.create(
                model="footnote", input="ferry?", text={"format": sent}, background=background
            )
        assert refusal.value.param == f"text.format.schema{param}"


def test_a_value_that_is_no_json_number_is_not_there():
    for digits in ("1" * 5_000, "1" * 400 + ".5"):
        assert _parsed(digits, "number") is None
    assert (_parsed("1,120 passengers", "integer"), _parsed("-0.5", "number")) == (1120, -0.5)


def test_a_form_needs_a_model(tmp_path):
    with House(tmp_path) as house:
        key = house.person("ann").key
        client = OpenAI(
            api_key=key, base_url="http://localhost/v1", http_client=house.client, max_retries=0
        )
        with pytest.raises(openai.BadRequestError) as refusal:
            client.chat.completions.create(
                model="footnote", messages=ASK, response_format={"type": "json_object"}
            )
        assert (refusal.value.param, refusal.value.code) == (
            "response_format", "unsupported_value",
        )  # fmt: skip
        with pytest.raises(openai.BadRequestError) as refusal:
            client.responses.parse(model="footnote", input="ferry?", text_format=Ferry)
        assert refusal.value.param == "text.format"
        with pytest.raises(openai.BadRequestError) as refusal:
            client.responses.compact(model="footnote", input="ferry?")
        assert refusal.value.code == "not_offered"
