"""A tenant's prompts are cut to the models of its own tier."""

from api.composition.answering import answering_for, build_answering, load_answer_adapters
from api.composition.llm import load_registry
from api.composition.store import open_library, open_store
from api.settings import Settings
from tests.fakes.embedder import FakeEmbedder

MODELS = """
models:
  - {name: large, url: "http://127.0.0.1:9/v1", context_tokens: 32768, tiers: [gold],
     deadline_seconds: 120}
  - {name: small, url: "http://127.0.0.1:9/v1", context_tokens: 4096, prompt: small,
     deadline_seconds: 90, first_token_seconds: 60}
tenants: {north: gold}
"""


def test_the_longest_context_of_the_tier_counts_and_not_of_all_models(tmp_path):
    (tmp_path / "models.yaml").write_text(MODELS, encoding="utf-8")
    settings = Settings(data=tmp_path / "data", models=tmp_path / "models.yaml")
    store, embedder = open_store(settings), FakeEmbedder()
    adapters = load_answer_adapters(settings, load_registry(settings))
    library = open_library(settings, store, embedder)
    answering = build_answering(settings, adapters, library, embedder)
    assert answering_for(answering, adapters.models, "north").config.context_tokens == 32768
    assert answering_for(answering, adapters.models, "default").config.context_tokens == 4096
    of_north = answering_for(answering, adapters.models, "north").config
    of_others = answering_for(answering, adapters.models, "default").config
    assert (of_north.prompt, of_north.deadline_s) == ("large", 120)
    assert (of_others.prompt, of_others.deadline_s) == ("small", 90)
    assert of_north.model_settings != of_others.model_settings != ""
    patience = [route.health._stuck_s for route in adapters.models.chain.routes]
    assert patience == [8, 48], "an engine that may be silent for longer is stuck later"
    store.close()
