"""Files by the official client: a file is a document of ours."""

import openai
import pytest

LAMP = b"The lamp burns rape oil. It is lit at dusk."


def upload(client, content=LAMP, name="lamp.txt", **fields):
    return client.files.create(file=(name, content), purpose="assistants", **fields)


def test_a_file_is_uploaded_read_listed_and_deleted(ann, ann_client):
    file = upload(ann_client, expires_after={"anchor": "created_at", "seconds": 3600})
    assert (file.object, file.bytes, file.filename) == ("file", len(LAMP), "lamp.txt")
    assert (file.purpose, file.expires_at - file.created_at) == ("assistants", 3600)
    ann_client.files.wait_for_processing(file.id, poll_interval=0.05)
    assert ann_client.files.retrieve(file.id).status == "processed"
    assert ann_client.files.content(file.id).read() == LAMP
    assert ann.get(f"/v1/documents/{file.id}").json()["filename"] == "lamp.txt"
    again = upload(ann_client)
    assert again.id != file.id
    deleted = ann_client.files.delete(file.id)
    assert (deleted.id, deleted.deleted, deleted.object) == (file.id, True, "file")
    assert [each.id for each in ann_client.files.list()] == [again.id]


def test_lists_page_in_both_orders_and_by_purpose(ann, ann_client):
    document = ann.add("The boat comes on Tuesdays.", filename="boat.txt")
    files = [document, *(upload(ann_client, name=f"{n}.txt").id for n in range(3))]
    assert [each.id for each in ann_client.files.list(limit=2)] == files[::-1]
    assert [each.id for each in ann_client.files.list(order="asc", limit=2)] == files
    after = ann_client.files.list(after=files[2], order="asc")
    assert [each.id for each in after.data] == files[3:]
    assert [each.id for each in ann_client.files.list(purpose="user_data")] == [document]
    assert len(ann_client.files.list(purpose="assistants").data) == 3


def test_a_file_of_somebody_else_is_not_found(ann_client, bob_client):
    file = upload(ann_client)
    errors = []
    for file_id in (file.id, "doc_0123456789abcdef01234567"):
        for call in (
            bob_client.files.retrieve, bob_client.files.content, bob_client.files.delete,
        ):  # fmt: skip
            with pytest.raises(openai.NotFoundError) as refusal:
                call(file_id)
            errors.append(refusal.value.response.content)
    assert len(set(errors)) == 1
    assert bob_client.files.list().data == []


def test_what_is_not_offered_is_a_bad_request_that_names_the_parameter(ann_client):
    for fields, param in (
        ({"purpose": "fine-tune"}, "purpose"),
        ({"expires_after": {"anchor": "created_at", "seconds": 1}}, "expires_after.seconds"),
        ({"extra_body": {"allow": ["user:bob"]}}, "allow"),
    ):
        parameters = {"purpose": "assistants", **fields}
        with pytest.raises(openai.BadRequestError) as refusal:
            ann_client.files.create(file=("lamp.txt", LAMP), **parameters)
        assert refusal.value.param == param
    with pytest.raises(openai.BadRequestError) as refusal:
        upload(ann_client, b"")
    assert refusal.value.code == "empty_file"


def test_a_file_may_be_shared_at_its_upload(ann_client, bob_client):
    file = upload(ann_client, extra_body={"allow": ["user:ann", "user:bob"]})
    assert bob_client.files.retrieve(file.id).filename == "lamp.txt"
    with pytest.raises(openai.PermissionDeniedError):
        bob_client.files.delete(file.id)
