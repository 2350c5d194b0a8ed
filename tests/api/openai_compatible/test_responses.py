"""Responses through the official client: whole, streamed, stored, continued, in the background."""

import time

import openai
import pytest

LEAVE = "How many days of annual leave do we have?"
EARNS = "What does the keeper of the lamp earn?"
SEARCH = [{"type": "file_search", "vector_store_ids": []}]
RESULTS = ["file_search_call.results"]


def ask(client, question=LEAVE, **parameters):
    return client.responses.create(model="footnote", input=question, **parameters)


def wait_for(client, response_id):
    until = time.monotonic() + 60
    while (response := client.responses.retrieve(response_id)).status in {"queued", "in_progress"}:
        assert time.monotonic() < until, response
        time.sleep(0.02)
    return response


def kinds(events):
    return [event.type.removeprefix("response.") for event in events]


def comparable(response):
    """Return a response without the times of its own and of its answer."""
    fields = response.model_dump()
    fields.pop("completed_at")
    return fields


def test_a_response_has_the_answer_its_citations_and_what_was_asked(ann, ann_client, handbook):
    response = ask(
        ann_client, tools=SEARCH, include=RESULTS, metadata={"a": "b"}, instructions="Be kind.",
        temperature=0.5, user="u",
    )  # fmt: skip
    assert response.output_text.startswith("Everybody has 28 days of annual leave. [1]")
    assert (response.status, response.object, response.error) == ("completed", "response", None)
    assert (response.metadata, response.instructions) == ({"a": "b"}, "Be kind.")
    assert (response.temperature, response.user) == (0.5, "u")
    search, message = response.output
    assert (search.type, search.status, search.queries) == (
        "file_search_call",
        "completed",
        [LEAVE],
    )
    text = ann.get(f"/v1/documents/{handbook}/text").text
    for result in search.results:
        assert (result.file_id, result.filename) == (handbook, "handbook.txt")
        assert text[result.start : result.end] == result.text
    [part] = message.content
    citation = part.annotations[0]
    assert (citation.type, citation.file_id, citation.filename) == (
        "file_citation", handbook, "handbook.txt",
    )  # fmt: skip
    assert text[citation.start : citation.end] == citation.quote
    assert part.text[citation.start_index : citation.end_index] == (
        "Everybody has 28 days of annual leave."
    )
    assert response.usage.total_tokens == 0


def test_a_stream_has_all_events_in_order(ann_client, handbook):
    events = list(ask(ann_client, tools=SEARCH, include=RESULTS, stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert kinds(events)[:9] == [
        "created", "in_progress", "output_item.added", "file_search_call.in_progress",
        "file_search_call.searching", "file_search_call.completed", "output_item.done",
        "output_item.added", "content_part.added",
    ]  # fmt: skip
    assert kinds(events)[-4:] == [
        "output_text.done", "content_part.done", "output_item.done", "completed",
    ]  # fmt: skip
    middle = kinds(events)[9:-4]
    assert middle[:2] == ["output_text.delta", "output_text.annotation.added"]
    assert set(middle) == {"output_text.delta", "output_text.annotation.added"}
    deltas = [event.delta for event in events if event.type.endswith("output_text.delta")]
    final = events[-1].response
    assert "".join(deltas) == final.output_text
    annotations = [e.annotation for e in events if e.type.endswith("annotation.added")]
    shown = final.output[1].content[0].annotations
    assert [a.quote for a in annotations] == [a.quote for a in shown]
    assert final.output[0].results == events[6].item.results
    assert final.output[0].results


def test_without_a_tool_the_message_is_all_the_output(ann_client, handbook):
    assert [item.type for item in ask(ann_client).output] == ["message"]
    events = list(ask(ann_client, stream=True))
    assert not any("file_search" in event.type for event in events)
    assert {event.output_index for event in events if hasattr(event, "output_index")} == {0}


def test_the_clients_own_stream_helper_gathers_the_response(ann_client, handbook):
    with ann_client.responses.stream(model="footnote", input=LEAVE, tools=SEARCH) as stream:
        for _ in stream:
            pass
        assert "28 days" in stream.get_final_response().output_text


def test_each_person_is_answered_from_what_that_person_may_read(
    ann_client, bob_client, handbook, salaries
):
    everything = {"tools": SEARCH, "include": RESULTS}
    assert "900 crowns" in ask(ann_client, EARNS, **everything).output_text
    assert "900 crowns" not in ask(bob_client, EARNS, **everything).model_dump_json()
    for event in ask(bob_client, EARNS, stream=True, **everything):
        assert "900 crowns" not in event.model_dump_json()


def test_a_stored_response_comes_back_the_same_for_its_owner_alone(
    ann_client, bob_client, handbook
):
    response = ask(ann_client, tools=SEARCH, include=RESULTS, metadata={"a": "b"})
    again = ann_client.responses.retrieve(response.id, include=RESULTS)
    assert comparable(again) == comparable(response)
    with pytest.raises(openai.NotFoundError):
        bob_client.responses.retrieve(response.id)
    for call in (bob_client.responses.delete, bob_client.responses.cancel):
        with pytest.raises(openai.NotFoundError):
            call(response.id)


def test_a_stored_responses_events_are_those_of_its_stream_from_any_number_on(ann_client, handbook):
    streamed = list(ask(ann_client, tools=SEARCH, stream=True))
    again = list(ann_client.responses.retrieve(streamed[0].response.id, stream=True))
    assert kinds(again) == kinds(streamed)
    rest = list(
        ann_client.responses.retrieve(streamed[0].response.id, stream=True, starting_after=6)
    )
    assert [event.sequence_number for event in rest] == list(range(7, len(streamed)))


def test_a_response_of_a_document_that_left_ones_sight_is_withheld(
    ann, ann_client, bob_client, handbook
):
    response = ask(bob_client, tools=SEARCH, include=RESULTS)
    ann.request("PATCH", f"/v1/documents/{handbook}", json={"allow": ["user:ann"]})
    with pytest.raises(openai.NotFoundError):
        bob_client.responses.retrieve(response.id, include=RESULTS)
    followed = ask(bob_client, "And when is it?", previous_response_id=response.id)
    assert "28 days" not in followed.model_dump_json()


def test_a_response_that_is_not_to_be_stored_is_not(house, ann, ann_client, handbook):
    response = ask(ann_client, store=False)
    assert "28 days" in response.output_text
    with pytest.raises(openai.NotFoundError):
        ann_client.responses.retrieve(response.id)
    opinion = {"answer_id": response.footnote["answer_id"], "rating": 1}
    assert ann.post("/v1/feedback", json=opinion).status_code == 404
    [line] = house.person("root", role="admin").get("/v1/admin/usage").json()["items"]
    assert line["asks"] == 1


def test_a_deleted_response_is_gone(ann, ann_client, handbook):
    response = ask(ann_client)
    ann_client.responses.delete(response.id)
    with pytest.raises(openai.NotFoundError):
        ann_client.responses.retrieve(response.id)
    opinion = {"answer_id": response.footnote["answer_id"], "rating": 1}
    assert ann.post("/v1/feedback", json=opinion).status_code == 404


def test_a_response_goes_on_with_the_one_before(ann_client, handbook):
    first = ask(ann_client, "When is the lamp lit?")
    second = ask(ann_client, "And how many days of leave?", previous_response_id=first.id)
    assert second.previous_response_id == first.id
    assert "28 days" in second.output_text
    with pytest.raises(openai.BadRequestError) as refusal:
        ask(ann_client, previous_response_id="resp_0123456789abcdef01234567")
    assert refusal.value.param == "previous_response_id"


def test_a_response_of_a_conversation_is_one_of_its_turns(ann, ann_client, handbook):
    conversation_id = ann.post("/v1/conversations").json()["conversation_id"]
    response = ask(ann_client, conversation=conversation_id)
    assert response.conversation.id == conversation_id
    [turn] = ann.get(f"/v1/conversations/{conversation_id}").json()["turns"]
    assert turn["question"] == LEAVE
    assert ann.request("DELETE", f"/v1/conversations/{conversation_id}").status_code == 204
    with pytest.raises(openai.NotFoundError):
        ann_client.responses.retrieve(response.id)
    with pytest.raises(openai.NotFoundError):
        ask(ann_client, conversation="conv_0123456789abcdef01234567")


def test_the_input_is_listed_page_by_page(ann_client, handbook):
    items = [
        {"role": "system", "content": "Answer like a pirate."},
        {"role": "user", "content": "When is the lamp lit?"},
        {"role": "assistant", "content": [{"type": "output_text", "text": "At dusk."}]},
        {"role": "user", "content": [{"type": "input_text", "text": LEAVE}]},
    ]
    response = ask(ann_client, items)
    listed = list(ann_client.responses.input_items.list(response.id, order="asc", limit=2))
    assert [(item.role, item.content[0].text) for item in listed] == [
        ("system", "Answer like a pirate."),
        ("user", "When is the lamp lit?"),
        ("assistant", "At dusk."),
        ("user", LEAVE),
    ]
    newest = ann_client.responses.input_items.list(response.id)
    assert newest.data[0].content[0].text == LEAVE


def test_an_earlier_reply_may_come_back_as_input(ann_client, handbook):
    first = ask(ann_client, "When is the lamp lit?", tools=SEARCH, include=RESULTS)
    items = [
        {"role": "user", "content": "When is the lamp lit?"},
        *(item.model_dump(exclude_none=True) for item in first.output),
        {"role": "user", "content": LEAVE},
    ]
    assert "28 days" in ask(ann_client, items).output_text


def test_filters_narrow_what_is_searched(ann, ann_client):
    for year in (2025, 2026):
        text = f"In {year} everybody has {year - 2000} days of annual leave."
        ann.add(text, filename=f"{year}.txt", attributes=f'{{"year": {year}}}')
    newest = {"type": "and", "filters": [{"type": "gte", "key": "year", "value": 2026}]}
    tool = {**SEARCH[0], "filters": newest, "max_num_results": 5}
    response = ask(ann_client, tools=[tool], include=RESULTS)
    assert {result.filename for result in response.output[0].results} == {"2026.txt"}
    assert response.output[0].results[0].attributes == {"year": 2026}
    assert {a.filename for a in response.output[1].content[0].annotations} == {"2026.txt"}


def test_a_text_that_would_be_too_long_is_incomplete(ann_client, handbook):
    response = ask(ann_client, max_output_tokens=1)
    assert (response.status, response.output_text) == ("incomplete", "")
    assert response.incomplete_details.reason == "max_output_tokens"
    assert ann_client.responses.retrieve(response.id).status == "incomplete"
    events = list(ask(ann_client, max_output_tokens=1, stream=True))
    assert events[-1].type == "response.incomplete"


def test_a_background_response_is_polled_and_its_events_are_read_from_any_number_on(
    ann_client, handbook
):
    queued = ask(ann_client, background=True, tools=SEARCH)
    assert (queued.status, queued.output) == ("queued", [])
    response = wait_for(ann_client, queued.id)
    assert "28 days" in response.output_text
    events = list(ann_client.responses.retrieve(queued.id, stream=True))
    assert kinds(events)[:3] == ["created", "queued", "in_progress"]
    assert events[-1].response.output_text == response.output_text
    rest = list(ann_client.responses.retrieve(queued.id, stream=True, starting_after=2))
    assert rest[0].sequence_number == 3
    assert len(rest) == len(events) - 3


def test_a_background_response_may_be_streamed_from_its_beginning(ann_client, handbook):
    events = list(ask(ann_client, background=True, stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert kinds(events)[0] == "created"
    assert kinds(events)[-1] == "completed"


def test_a_background_response_whose_key_was_revoked_fails(house, client_of, ann, handbook):
    house.service.background.warm.clear()  # nobody answers yet
    bob = house.person("bob")
    queued = ask(client_of(bob), background=True)
    root = house.person("root", role="admin")
    keys = root.get("/v1/admin/keys").json()["items"]
    latest = [key for key in keys if key["user"] == "user:bob"][-1]
    root.request("DELETE", f"/v1/admin/keys/{latest['key_id']}")
    house.service.background.warm.set()
    response = wait_for(client_of(house.person("bob")), queued.id)
    assert (response.status, response.output) == ("failed", [])
    assert "not valid any more" in response.error.message


def test_a_background_response_can_be_cancelled_while_it_waits(house, ann_client, handbook):
    house.service.background.warm.clear()
    queued = ask(ann_client, background=True)
    assert ann_client.responses.cancel(queued.id).status == "cancelled"
    house.service.background.warm.set()
    assert ann_client.responses.cancel(queued.id).status == "cancelled"
    assert ann_client.responses.retrieve(queued.id).output == []
    events = list(ann_client.responses.retrieve(queued.id, stream=True))
    assert events[-1].response.status == "cancelled"


@pytest.mark.parametrize(
    ("parameters", "param", "code"),
    [
        ({"tools": [{"type": "web_search"}]}, "tools[0].type", "invalid_value"),
        ({"tools": SEARCH, "tool_choice": "none"}, "tool_choice", "unsupported_parameter"),
        ({"text": {"format": {"type": "json_object"}}}, "text.format", "unsupported_value"),
        ({"background": True, "store": False}, "store", "unsupported_parameter"),
        ({"extra_body": {"lamp": 1}}, "lamp", "unknown_parameter"),
        ({"include": ["message.output_text.logprobs"]}, "include[0]", "invalid_value"),
        ({"prompt": {"id": "pmpt_1"}}, "prompt", "unsupported_parameter"),
    ],
)  # fmt: skip
def test_what_is_not_offered_is_a_bad_request_that_names_the_parameter(
    ann_client, parameters, param, code
):
    with pytest.raises(openai.BadRequestError) as refusal:
        ask(ann_client, **parameters)
    assert (refusal.value.param, refusal.value.code) == (param, code)


def test_the_tokens_of_an_input_are_counted_without_evidence(house, ann_client, handbook):
    counter = house.service.pipelines.current.embedder
    counted = ann_client.responses.input_tokens.count(
        model="footnote", input=LEAVE, instructions="Be kind."
    )
    expected = counter.count_tokens(LEAVE) + counter.count_tokens("Be kind.")
    assert counted.input_tokens == expected


def test_a_vector_store_is_a_collection(ann, ann_client, bob_client, handbook):
    other = ann.add(
        "Everybody has 30 days of annual leave on the northern island.", filename="n.txt"
    )
    made = ann.post("/v1/collections", json={"name": "North"}).json()
    store = made["collection_id"]
    ann.post(f"/v1/collections/{store}/documents", json={"documents": [other]})
    tool = {"type": "file_search", "vector_store_ids": [store]}
    response = ask(ann_client, tools=[tool], include=RESULTS)
    assert {result.filename for result in response.output[0].results} == {"n.txt"}
    assert {a.filename for a in response.output[1].content[0].annotations} == {"n.txt"}
    for stores in ([store], ["col_0123456789abcdef01234567"]):
        with pytest.raises(openai.NotFoundError):
            ask(bob_client, tools=[{"type": "file_search", "vector_store_ids": stores}])
