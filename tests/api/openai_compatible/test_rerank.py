"""Reranking in Cohere's and Jina's shapes."""

BODY = {
    "model": "footnote-rerank",
    "query": "When is the lamp lit?",
    "documents": ["Everybody has 28 days of leave.", {"text": "The lamp is lit at dusk."}],
}


def test_texts_come_back_in_the_order_of_their_fit(ann):
    answer = ann.post("/v1/rerank", json=BODY | {"return_documents": True}).json()
    assert [result["index"] for result in answer["results"]] == [1, 0]
    first, second = answer["results"]
    assert first["document"] == {"text": "The lamp is lit at dusk."}
    assert 1 >= first["relevance_score"] > second["relevance_score"] >= 0
    assert answer["meta"]["billed_units"] == {"search_units": 1}  # Cohere's
    assert answer["usage"]["total_tokens"] > 0  # Jina's


def test_only_the_best_are_returned_and_a_score_does_not_depend_on_the_others(ann):
    answer = ann.post("/v1/rerank", json=BODY).json()
    best = ann.post("/v1/rerank", json=BODY | {"top_n": 1}).json()
    alone = ann.post("/v1/rerank", json=BODY | {"documents": BODY["documents"][1:]}).json()
    assert best["results"] == answer["results"][:1]
    assert alone["results"][0]["relevance_score"] == best["results"][0]["relevance_score"]
    assert "document" not in best["results"][0]


def test_unknown_names_are_refused_by_name(ann):
    unknown = ann.post("/v1/rerank", json=BODY | {"rank_fields": ["title"]})
    assert (unknown.status_code, unknown.json()["error"]["param"]) == (400, "rank_fields")
    model = ann.post("/v1/rerank", json=BODY | {"model": "rerank-v3.5"})
    assert (model.status_code, model.json()["error"]["code"]) == (404, "model_not_found")
