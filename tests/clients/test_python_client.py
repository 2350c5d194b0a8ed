"""The Python client, with and without an event loop, against a running service."""

import asyncio
import os
import subprocess
import sys

import pytest

from footnote_client import (
    AsyncFootnote,
    BadRequestError,
    ConflictError,
    EvaluationFailedError,
    Footnote,
    JobFailedError,
    NotFoundError,
    PreconditionError,
    UnauthorizedError,
)
from tests.house.sources import ROOT

HANDBOOK = "Everybody has 28 days of annual leave. The lamp is lit at dusk."
SALARIES = "The keeper of the lamp earns 900 crowns a month."
EARNS = "What does the keeper of the lamp earn?"


@pytest.fixture(scope="module")
def ann(served):
    with Footnote(served.url, served.key("ann")) as client:
        yield client


@pytest.fixture(scope="module")
def bob(served):
    with Footnote(served.url, served.key("bob")) as client:
        yield client


@pytest.fixture(scope="module")
def handbook(ann):
    return add(ann, HANDBOOK, "handbook.txt", ["tenant:all"])


@pytest.fixture(scope="module")
def salaries(ann):
    return add(ann, SALARIES, "salaries.txt", ["user:ann"])


def add(client, text, filename, allow=None):
    upload = client.documents.upload(text.encode(), filename=filename, allow=allow)
    assert client.jobs.wait(upload, timeout=60).document_id == upload.document_id
    return upload.document_id


def test_a_file_is_uploaded_with_progress_asked_about_cited_and_deleted(ann, tmp_path):
    path = tmp_path / "boat.txt"
    path.write_text("The supply boat comes on Tuesdays. " * 2500)
    steps = []
    upload = ann.documents.upload(
        path, title="The boat", attributes={"year": 2026},
        progress=lambda done, total: steps.append((done, total)),
    )  # fmt: skip
    size = path.stat().st_size
    assert [total for _, total in steps] == [size] * len(steps)
    assert steps == sorted(steps)
    assert steps[-1] == (size, size)
    assert len(steps) > 1
    seen = []
    assert ann.jobs.wait(upload, progress=lambda job: seen.append(job.state)).state == "succeeded"
    assert seen[-1] == "succeeded"
    answer = ann.ask("When does the supply boat come?", documents=[upload.document_id])
    assert answer.status == "answered"
    quote = answer.citations[0]
    text = ann.documents.text(upload.document_id)
    assert text[quote.start : quote.end] == quote.quote
    document = ann.documents.get(upload.document_id)
    assert (document.title, document.attributes) == ("The boat", {"year": 2026})
    assert ann.documents.content(upload.document_id) == path.read_bytes()
    ann.documents.download(upload.document_id, tmp_path / "copy.txt")
    assert (tmp_path / "copy.txt").read_bytes() == path.read_bytes()
    assert ann.documents.delete(upload.document_id).document_id == upload.document_id
    with pytest.raises(NotFoundError):
        ann.documents.get(upload.document_id)


def test_an_answer_arrives_sentence_by_sentence_and_whole_in_the_end(ann, handbook):
    with ann.ask_stream("When is the lamp lit?", documents=[handbook]) as stream:
        with pytest.raises(ValueError, match="whole"):
            _ = stream.answer
        sentences = list(stream)
    assert sentences[0].text == stream.answer.sentences[0].text
    assert "dusk" in sentences[0].citations[0].quote
    assert sentences[0].block.number == 0


def test_two_people_see_what_each_of_them_may(ann, bob, handbook, salaries):
    assert "900 crowns" in ann.ask(EARNS).text
    assert "900" not in bob.ask(EARNS).text
    assert salaries in {passage.document_id for passage in ann.search(EARNS).passages}
    assert salaries not in {passage.document_id for passage in bob.search(EARNS).passages}
    assert salaries not in {document.document_id for document in bob.documents.list()}
    with pytest.raises(NotFoundError) as hidden:
        bob.documents.get(salaries)
    with pytest.raises(NotFoundError) as missing:
        bob.documents.get("doc_0123456789abcdef01234567")
    assert hidden.value.detail == missing.value.detail
    assert bob.me().user == "user:bob"


def test_a_long_list_is_one_loop(served):
    with Footnote(served.url, served.key("carl")) as carl:
        uploads = [
            carl.documents.upload(f"Note {number}.".encode(), filename=f"{number}.txt")
            for number in range(5)
        ]
        ids = [d.document_id for d in carl.documents.list(page_size=2) if d.owner == "user:carl"]
        assert ids == [upload.document_id for upload in reversed(uploads)]
        assert {job.document_id for job in carl.jobs.list()} == set(ids)


def test_the_same_key_gets_the_same_answer_and_the_same_document(ann, handbook):
    first, second = (ann.ask("When is the lamp lit?", idempotency_key="one") for _ in range(2))
    assert first.answer_id == second.answer_id
    with pytest.raises(ConflictError) as error:
        ann.ask("Something else?", idempotency_key="one")
    assert error.value.code == "idempotency-conflict"
    ids = {
        ann.documents.upload(b"Once.", filename="once.txt", idempotency_key="two").document_id
        for _ in range(2)
    }
    assert len(ids) == 1


def test_a_conversation_remembers_and_is_deleted(ann, handbook):
    conversation = ann.conversations.create("Lamp", metadata={"team": "keepers"})
    name = conversation.conversation_id
    answer = ann.ask("When is the lamp lit?", conversation_id=name)
    assert [turn.answer_id for turn in ann.conversations.get(name).turns] == [answer.answer_id]
    assert ann.feedback(answer.answer_id, 1, "Good.").rating == 1
    assert name in {each.conversation_id for each in ann.conversations.list()}
    ann.conversations.delete(name)
    with pytest.raises(NotFoundError):
        ann.conversations.get(name)


def test_a_collection_narrows_what_is_searched(ann, bob, handbook, salaries):
    collection = ann.collections.create("Pay", allow=["tenant:all"], labels=["pay"])
    name = collection.collection_id
    ann.collections.add(name, [salaries])
    assert "900 crowns" in ann.ask(EARNS, collections=[name]).text
    assert ann.ask("When is the lamp lit?", collections=[name]).status != "answered"
    assert bob.search(EARNS, collections=[name]).passages == []
    assert [each.document.document_id for each in ann.collections.documents(name)] == [salaries]
    assert [each.collection_id for each in bob.collections.list(label="pay")] == [name]
    assert ann.collections.update(name, name="Wages").name == "Wages"
    ann.collections.remove(name, salaries)
    ann.collections.delete(name)


def test_a_change_may_be_meant_for_one_state_alone(ann, handbook):
    changed = ann.documents.update(handbook, title="The handbook", reason="ticket 7")
    assert changed.title == "The handbook"
    with pytest.raises(PreconditionError):
        ann.documents.update(handbook, title="Another", if_match='"0"')
    assert ann.documents.get(handbook).title == "The handbook"


def test_a_new_version_takes_the_place_of_the_old_one(ann):
    document = add(ann, "The bell rings at noon.", "bell.txt")
    upload = ann.documents.replace(document, b"The bell rings at ten.", filename="bell.txt")
    ann.jobs.wait(upload)
    assert (upload.document_id, upload.version) == (document, 2)
    assert ann.documents.text(document) == "The bell rings at ten."


def test_a_file_that_cannot_be_read_says_why(ann):
    upload = ann.documents.upload(b"%PDF-1.7 broken", filename="broken.pdf")
    with pytest.raises(JobFailedError) as error:
        ann.jobs.wait(upload)
    assert error.value.job.reason
    assert error.value.job.reason in str(error.value)
    assert [job.state for job in ann.jobs.events(upload)] == ["failed"]
    assert ann.jobs.retry(upload).state == "queued"


def test_an_evaluation_is_started_waited_for_and_reported(ann, handbook):
    questions = [{"id": "q1", "question": "When is the lamp lit?", "gold": [handbook]}]
    run = ann.evaluations.start("questions", questions=questions)
    ended = ann.evaluations.wait(run.evaluation_id, timeout=60)
    assert (ended.done, ended.total) == (1, 1)
    assert ended.report["metrics"] if isinstance(ended.report, dict) else ended.report.metrics
    assert "<html" in ann.evaluations.report_html(run.evaluation_id)
    assert run.evaluation_id in {each.evaluation_id for each in ann.evaluations.list()}
    many = [questions[0] | {"id": f"q{number}"} for number in range(150)]
    long = ann.evaluations.start("questions", questions=many)
    cancelled = ann.evaluations.cancel(long.evaluation_id)
    assert cancelled.state == "cancelled"
    with pytest.raises(EvaluationFailedError):
        ann.evaluations.wait(long.evaluation_id)


def test_a_refusal_is_an_error_of_its_kind_with_code_detail_and_request(served, ann):
    with Footnote(served.url, "fn_wrong") as stranger, pytest.raises(UnauthorizedError) as error:
        stranger.me()
    assert error.value.code == "unauthorized"
    assert error.value.status == 401
    assert error.value.request_id
    with pytest.raises(BadRequestError) as error:
        ann.search("")
    assert error.value.errors[0]["field"].endswith("query")
    assert error.value.detail in str(error.value)


def test_address_and_key_come_from_the_environment(served):
    program = "from footnote_client import Footnote\nprint(Footnote().me().user)"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False,
        cwd=ROOT / "clients" / "python",
        env=os.environ | {"FOOTNOTE_URL": served.url, "FOOTNOTE_KEY": served.key("ann")},
    )  # fmt: skip
    assert result.stdout == "user:ann\n", result.stderr
    with pytest.raises(ValueError, match="FOOTNOTE_KEY"):
        Footnote(served.url)
    with pytest.raises(ValueError, match="FOOTNOTE_URL"):
        Footnote(key="x")


def test_the_client_for_event_loops_does_the_same(served, handbook, salaries):
    async def use() -> None:
        async with (
            AsyncFootnote(served.url, served.key("ann")) as ann,
            AsyncFootnote(served.url, served.key("bob")) as bob,
        ):
            mine, his = await asyncio.gather(ann.ask(EARNS), bob.ask(EARNS))
            assert "900 crowns" in mine.text
            assert "900" not in his.text
            async with bob.ask_stream("When is the lamp lit?") as stream:
                sentences = [sentence.text async for sentence in stream]
            assert sentences[0] == stream.answer.sentences[0].text
            steps = []
            upload = await bob.documents.upload(
                b"The horn is blown in fog.", filename="horn.txt",
                progress=lambda done, total: steps.append(done),
            )  # fmt: skip
            assert (await bob.jobs.wait(upload)).state == "succeeded"
            assert steps[-1] == 25
            names = [d.document_id async for d in bob.documents.list(page_size=2)]
            assert upload.document_id in names
            assert salaries not in names
            with pytest.raises(NotFoundError):
                await bob.documents.get(salaries)
            await bob.documents.delete(upload.document_id)

    asyncio.run(use())
