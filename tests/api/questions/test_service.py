"""Search and ask over HTTP: shapes, streams, conversations, feedback."""

import json

import pytest

TEXT = "The lamp is lit at dusk by the senior keeper.\n\nThe log is written in black ink only."
QUESTION = "When is the lamp lit by the senior keeper?"
PASSAGE = {
    "document_id", "title", "filename", "chunk_id", "text", "score", "page", "start", "end",
    "publisher", "published_at", "authoritative",
}  # fmt: skip
ANSWER = {
    "status", "text", "sentences", "citations", "usage", "snapshot", "model", "timings",
}  # fmt: skip
CITATION = {
    "marker", "document_id", "document_version", "chunk_id", "title", "filename", "quote",
    "start", "end", "page", "boxes", "answer_start", "answer_end", "verdict", "score",
    "publisher", "published_at", "authoritative",
}  # fmt: skip


def ask(person, question=QUESTION, **fields):
    answer = person.post("/v1/ask", json={"question": question, **fields})
    assert answer.status_code == 200, answer.text
    return answer.json()


def events(person, **fields):
    answer = person.post("/v1/ask", json={"question": QUESTION, "stream": True, **fields})
    assert answer.headers["content-type"].startswith("text/event-stream")
    blocks = [block for block in answer.text.split("\n\n") if block and not block.startswith(":")]
    pairs = [block.split("\n", 1) for block in blocks]
    return [
        (name.removeprefix("event: "), json.loads(data.removeprefix("data: ")))
        for name, data in pairs
    ]


def test_search_has_the_shape_of_the_contract(ann):
    document_id = ann.add(TEXT)
    results = ann.post("/v1/search", json={"query": "lamp at dusk", "top_k": 3}).json()
    assert set(results) == {"passages", "snapshot"}
    passage = results["passages"][0]
    assert set(passage) == PASSAGE
    text = ann.get(f"/v1/documents/{document_id}/text").text
    assert text[passage["start"] : passage["end"]] == passage["text"]


def test_search_can_be_narrowed_by_a_filter(ann):
    ann.add(TEXT, filename="a.txt")
    document_id = ann.add(TEXT, filename="b.txt")
    body = {"query": "lamp", "filters": {"filename": "b.txt"}}
    results = ann.post("/v1/search", json=body).json()["passages"]
    assert {passage["document_id"] for passage in results} == {document_id}


def test_an_answer_has_the_shape_of_the_contract_and_quotes_exactly(ann):
    document_id = ann.add(TEXT)
    answer = ask(ann)
    assert set(answer) >= ANSWER
    assert answer["status"] == "answered"
    text = ann.get(f"/v1/documents/{document_id}/text").text
    for citation in answer["citations"]:
        assert set(citation) == CITATION
        assert text[citation["start"] : citation["end"]] == citation["quote"]
        place = answer["text"][citation["answer_start"] : citation["answer_end"]]
        assert place in [sentence["text"] for sentence in answer["sentences"]]


def test_no_evidence_is_said_plainly(ann, bob):
    ann.add(TEXT)
    answer = ask(bob)
    assert (answer["status"], answer["citations"], answer["searched"]) == ("no_evidence", [], [])


def test_a_stream_brings_checked_sentences_and_then_the_whole_answer(ann):
    ann.add(TEXT)
    stream = events(ann)
    assert [name for name, _ in stream][-1] == "done"
    sentences = [data for name, data in stream if name == "sentence"]
    last_event = stream[-1][1]
    assert [sentence["text"] for sentence in sentences] == [
        sentence["text"] for sentence in last_event["sentences"]
    ]
    assert sentences
    assert all(sentence["citations"] for sentence in sentences)
    assert set(last_event) >= ANSWER


def test_a_stream_that_fails_ends_with_an_error_event(ann):
    ann.add(TEXT)
    stream = events(ann, filters={"$$$": {"no": 1}})
    assert [name for name, _ in stream] == ["error"]
    assert stream[0][1]["code"] == "invalid-filter"


@pytest.mark.parametrize("stream", [False, True])
def test_a_question_without_a_word_is_refused_before_a_stream_begins(ann, stream):
    answer = ann.post("/v1/ask", json={"question": "?!", "stream": stream})
    assert (answer.status_code, answer.json()["code"]) == (422, "empty-question")


@pytest.fixture
def talk(ann):
    return ann.post("/v1/conversations", json={}).json()["conversation_id"]


def test_a_conversation_keeps_its_turns(ann, talk):
    ann.add(TEXT)
    answer = ask(ann, conversation_id=talk)
    response = ann.get(f"/v1/conversations/{talk}").json()
    assert response["title"] == QUESTION
    turn = response["turns"][0]
    assert (turn["question"], turn["withheld"]) == (QUESTION, False)
    assert turn["answer"]["text"] == answer["text"]
    assert turn["answer_id"] == answer["answer_id"]


def test_a_streamed_answer_is_kept_too(ann, talk):
    ann.add(TEXT)
    last_event = events(ann, conversation_id=talk)[-1][1]
    turns = ann.get(f"/v1/conversations/{talk}").json()["turns"]
    assert [turn["answer_id"] for turn in turns] == [last_event["answer_id"]]


def test_a_conversation_goes_on(ann, talk):
    ann.add(TEXT)
    first = ask(ann, conversation_id=talk)
    again = ask(ann, conversation_id=talk)
    assert again["text"] == first["text"]
    assert len(ann.get(f"/v1/conversations/{talk}").json()["turns"]) == 2


def test_conversations_are_their_owners_alone(house, ann, bob, talk):
    admin = house.person("carol", role="admin")
    for person in (bob, admin):
        assert person.get(f"/v1/conversations/{talk}").status_code == 404
        assert person.request("DELETE", f"/v1/conversations/{talk}").status_code == 404
        response = person.post("/v1/ask", json={"question": QUESTION, "conversation_id": talk})
        assert response.status_code == 404
        assert person.get("/v1/conversations").json() == {"items": []}
    assert [c["conversation_id"] for c in ann.get("/v1/conversations").json()["items"]] == [talk]


def test_a_revoked_document_takes_its_answer_out_of_the_history(ann, bob):
    document_id = ann.add(TEXT, allow=["user:ann", "user:bob"])
    talk = bob.post("/v1/conversations").json()["conversation_id"]
    answer = ask(bob, conversation_id=talk)
    assert answer["citations"]
    ann.request("PATCH", f"/v1/documents/{document_id}", json={"allow": ["user:ann"]})
    response = bob.get(f"/v1/conversations/{talk}")
    turn = response.json()["turns"][0]
    assert (turn["withheld"], turn["answer"]) == (True, None)
    assert "dusk" not in response.text
    later = ask(bob, "Who keeps it lit at dusk?", conversation_id=talk)
    assert later["citations"] == []
    feedback_response = bob.post(
        "/v1/feedback", json={"answer_id": answer["answer_id"], "rating": 1}
    )
    assert feedback_response.status_code == 404


def test_a_deleted_conversation_is_gone(ann, talk):
    ann.add(TEXT)
    answer = ask(ann, conversation_id=talk)
    ann.post("/v1/feedback", json={"answer_id": answer["answer_id"], "rating": 1})
    assert ann.request("DELETE", f"/v1/conversations/{talk}").status_code == 204
    assert ann.get(f"/v1/conversations/{talk}").status_code == 404
    assert ann.get("/v1/feedback").json() == {"items": []}


def test_feedback_is_stored_for_ones_own_answers_only(ann, bob):
    ann.add(TEXT)
    answer_id = ask(ann)["answer_id"]
    body = {"answer_id": answer_id, "rating": -1, "comment": "Too short."}
    response = ann.post("/v1/feedback", json=body)
    assert response.status_code == 201
    assert ann.get("/v1/feedback").json()["items"] == [response.json()]
    assert bob.post("/v1/feedback", json=body).status_code == 404
    assert bob.get("/v1/feedback").json() == {"items": []}
    assert ann.post("/v1/feedback", json={**body, "rating": 5}).status_code == 422
