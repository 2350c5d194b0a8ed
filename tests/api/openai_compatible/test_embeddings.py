"""Embeddings through the official client."""

import base64

import numpy as np
import openai
import pytest

TEXTS = ["The lamp is lit at dusk.", "Everybody has 28 days of leave."]


def test_a_texts_vector_is_the_stores_models_whatever_its_company(house, ann_client):
    embedder = house.service.pipelines.current.embedder
    answer = ann_client.embeddings.create(model="footnote-embedding", input=TEXTS)
    assert [item.index for item in answer.data] == [0, 1]
    for text, item in zip(TEXTS, answer.data, strict=True):
        [vector] = embedder.embed([text])
        assert np.array_equal(np.asarray(item.embedding, np.float32), vector)
    single = ann_client.embeddings.create(model="footnote-embedding", input=TEXTS[1])
    assert single.data[0].embedding == answer.data[1].embedding
    assert answer.usage.prompt_tokens == sum(map(embedder.count_tokens, TEXTS))


def test_numbers_and_base64_are_the_same_vector(ann):
    vectors = [
        ann.post(
            "/v1/embeddings",
            json={"model": "footnote-embedding", "input": TEXTS[0], "encoding_format": encoding},
        ).json()["data"][0]["embedding"]
        for encoding in ("float", "base64")
    ]
    assert np.array_equal(
        np.asarray(vectors[0], "<f4"), np.frombuffer(base64.b64decode(vectors[1]), "<f4")
    )


@pytest.mark.parametrize(
    ("parameters", "param"),
    [
        ({"dimensions": 64}, "dimensions"),
        ({"input": [1, 2, 3]}, "input"),
        ({"input": []}, "input"),
        ({"input": "lamp " * 10_000}, "input"),
    ],
)
def test_what_the_model_cannot_do_is_refused(ann_client, parameters, param):
    request = {"model": "footnote-embedding", "input": "lamp"} | parameters
    with pytest.raises(openai.BadRequestError) as refusal:
        ann_client.embeddings.create(**request)
    assert refusal.value.param == param


def test_another_models_name_is_not_found(ann_client):
    with pytest.raises(openai.NotFoundError):
        ann_client.embeddings.create(model="text-embedding-3-small", input="lamp")
