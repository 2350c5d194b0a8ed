"""A tenant's prompts are cut to the models of its own tier."""

from api.composition.container import Parts
from api.settings import Settings

MODELS = """
models:
  - {name: large, url: "http://127.0.0.1:9/v1", context_tokens: 32768, tiers: [gold]}
  - {name: small, url: "http://127.0.0.1:9/v1", context_tokens: 4096}
tenants: {north: gold}
"""


def test_the_longest_context_of_the_tier_counts_and_not_of_all_models(tmp_path):
    (tmp_path / "models.yaml").write_text(MODELS, encoding="utf-8")
    parts = Parts(Settings(data=tmp_path / "data", models=tmp_path / "models.yaml"))
    try:
        assert parts.answering_for("north").config.context_tokens == 32768
        assert parts.answering_for("default").config.context_tokens == 4096
    finally:
        parts.close()
