"""The models by name."""

import openai
import pytest


def test_models_are_listed_and_each_can_be_looked_up(ann_client):
    models = list(ann_client.models.list())
    assert [model.id for model in models] == [
        "footnote", "footnote-embedding", "footnote-moderation", "footnote-rerank",
    ]  # fmt: skip
    assert models[0].served_by == "quote"
    for model in models:
        assert ann_client.models.retrieve(model.id) == model
        assert (model.object, model.owned_by) == ("model", "footnote")


def test_a_name_that_is_not_listed_is_not_found(ann_client):
    with pytest.raises(openai.NotFoundError) as refusal:
        ann_client.models.retrieve("gpt-9")
    assert refusal.value.code == "model_not_found"
