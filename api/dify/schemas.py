"""The request and the answer of Dify's external knowledge API.

Source: https://docs.dify.ai/en/use-dify/knowledge/external-knowledge-api
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas import Body, Text

EVERYTHING = "all"
"""The knowledge id for all that the key's owner may read."""


class DifyBody(Body):
    """Base of the request's parts; what a later Dify adds is ignored."""

    model_config = ConfigDict(extra="ignore")


class RetrievalSetting(DifyBody):
    """How many records, and how well they must fit."""

    top_k: int = Field(4, ge=1, le=100)
    score_threshold: float = Field(0.0, ge=0, le=1)


class MetadataComparison(DifyBody):
    """A condition on one attribute."""

    name: Text | list[Text] = Field(examples=["year"])
    comparison_operator: Text = Field(max_length=20, examples=["="])
    value: Text | float | list[Text] | None = None


class MetadataCondition(DifyBody):
    """Conditions on attributes, of which all or one must hold."""

    logical_operator: Literal["and", "or"] = "and"
    conditions: list[MetadataComparison] = Field([], max_length=64)


class RetrievalRequest(DifyBody):
    """A query of Dify's."""

    knowledge_id: Text = Field(
        min_length=1,
        max_length=40,
        description=f"The id of a collection, or `{EVERYTHING}` for all that you may read.",
        examples=["col_0123456789abcdef01234567"],
    )
    query: Text = Field(min_length=1, max_length=4000)
    retrieval_setting: RetrievalSetting = RetrievalSetting()
    metadata_condition: MetadataCondition | None = None


class KnowledgeRecord(BaseModel):
    """A passage as Dify shows it."""

    content: str
    score: float
    """In [0, 1]; comparable within one answer only."""
    title: str
    metadata: dict[str, Any]
    """Where the passage stands; Dify expects an object, never null."""


class KnowledgeRecords(BaseModel):
    """The passages that fit best."""

    records: list[KnowledgeRecord]
