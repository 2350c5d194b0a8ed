"""Our conversations through the official client."""

import openai
import pytest

LEAVE = "How many days of annual leave do we have?"


def test_a_conversation_of_ours_is_one_of_the_clients(ann, ann_client, handbook):
    conversation = ann_client.conversations.create(metadata={"topic": "leave"})
    assert (conversation.object, conversation.metadata) == ("conversation", {"topic": "leave"})
    ann_client.responses.create(input=LEAVE, conversation=conversation.id)
    items = ann_client.conversations.items.list(conversation.id, order="asc", limit=1)
    question, answer = list(items)
    assert (question.role, question.content[0].text) == ("user", LEAVE)
    assert answer.content[0].annotations[0].file_id == handbook
    assert (
        ann_client.conversations.items.retrieve(answer.id, conversation_id=conversation.id)
        == answer
    )
    changed = ann_client.conversations.update(conversation.id, metadata={"topic": "days"})
    assert changed.metadata == {"topic": "days"}
    assert ann_client.conversations.retrieve(conversation.id).metadata == {"topic": "days"}
    ann_client.conversations.delete(conversation.id)
    with pytest.raises(openai.NotFoundError):
        ann_client.conversations.retrieve(conversation.id)


def test_a_conversation_is_its_owners_alone(ann_client, bob_client):
    conversation = ann_client.conversations.create()
    for call in (
        bob_client.conversations.retrieve,
        bob_client.conversations.items.list,
        lambda name: bob_client.conversations.update(name, metadata={}),
        lambda name: bob_client.conversations.items.retrieve("msg_00", conversation_id=name),
    ):
        with pytest.raises(openai.NotFoundError):
            call(conversation.id)


def test_an_answer_that_left_ones_sight_is_no_item_any_more(ann, bob_client, handbook):
    conversation = bob_client.conversations.create()
    bob_client.responses.create(input=LEAVE, conversation=conversation.id)
    ann.request("PATCH", f"/v1/documents/{handbook}", json={"allow": ["user:ann"]})
    assert list(bob_client.conversations.items.list(conversation.id)) == []
