"""Bodies of the routes for vector stores."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.openai_compatible.chunking_strategy import SentStrategy
from api.openai_compatible.search_filters import SentFilter
from api.schemas import Body, Metadata, Text

MOST_FILES = 500
MOST_IN_BATCH = 2000

FileId = Annotated[str, Field(max_length=40)]

Attributes = Annotated[
    dict[
        Annotated[Text, Field(max_length=64)],
        Annotated[Text, Field(max_length=512)] | bool | float,
    ],
    Field(max_length=16),
]
"""Texts, numbers and booleans of a file in a vector store."""


class ExpiresAfter(Body):
    """After how many days without use a vector store expires."""

    anchor: Literal["last_active_at"]
    days: int = Field(ge=1, le=365)


class StoreRequest(Body):
    """A new vector store."""

    name: Text = Field("", max_length=200)
    description: Text | None = Field(None, max_length=4000)
    file_ids: list[FileId] = Field([], max_length=MOST_FILES)
    expires_after: ExpiresAfter | None = None
    chunking_strategy: SentStrategy | None = None
    metadata: Metadata | None = None


class StorePatch(Body):
    """Changes to a vector store; a field that is left out stays, null takes it away."""

    name: Text | None = Field(None, max_length=200)
    expires_after: ExpiresAfter | None = None
    metadata: Metadata | None = None


class StoreFileRequest(Body):
    """A file to put into a vector store."""

    file_id: FileId
    attributes: Attributes | None = None
    chunking_strategy: SentStrategy | None = None


class StoreFilePatch(Body):
    """New attributes of a file in a vector store."""

    attributes: Attributes | None


class FileBatchRequest(Body):
    """Files to put into a vector store at once: ``file_ids``, or ``files``."""

    file_ids: list[FileId] | None = Field(None, min_length=1, max_length=MOST_IN_BATCH)
    files: list[StoreFileRequest] | None = Field(None, min_length=1, max_length=MOST_IN_BATCH)
    attributes: Attributes | None = None
    chunking_strategy: SentStrategy | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.file_ids is None) == (self.files is None):
            raise ValueError("send either file_ids or files")
        return self

    @property
    def sent_files(self) -> list[StoreFileRequest]:
        """The files, each with its own attributes and strategy."""
        if self.files is not None:
            return self.files
        return [
            StoreFileRequest(
                file_id=file_id, attributes=self.attributes,
                chunking_strategy=self.chunking_strategy,
            )
            for file_id in self.file_ids or ()
        ]  # fmt: skip


class RankingOptions(Body):
    """How results are ranked."""

    ranker: Literal["none", "auto", "default-2024-11-15", "default_2024_08_21"] = "auto"
    score_threshold: float = Field(0.0, ge=0, le=1)


class StoreSearchRequest(Body):
    """A search in a vector store."""

    query: (
        Annotated[Text, Field(min_length=1, max_length=4000)]
        | Annotated[
            list[Annotated[Text, Field(min_length=1, max_length=4000)]],
            Field(min_length=1, max_length=8),
        ]
    )
    filters: SentFilter | None = None
    max_num_results: int = Field(10, ge=1, le=50)
    ranking_options: RankingOptions | None = None
    rewrite_query: bool = False

    @property
    def queries(self) -> list[str]:
        """The queries, in order."""
        return [self.query] if isinstance(self.query, str) else self.query


class FoundText(BaseModel):
    """Words of a file."""

    type: Literal["text"] = "text"
    text: str


class FoundPassage(BaseModel):
    """A passage that fits a query."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    file_id: str
    filename: str
    score: float
    """Between 0 and 1, as for `POST /v1/search`."""
    attributes: dict[str, str | float | bool]
    content: list[FoundText]


class SearchPage(BaseModel):
    """The passages that fit, best first."""

    object: Literal["vector_store.search_results.page"] = "vector_store.search_results.page"
    search_query: list[str]
    data: list[FoundPassage]
    has_more: bool = False
    next_page: str | None = None


class ContentPage(BaseModel):
    """The text of a file in a vector store."""

    object: Literal["vector_store.file_content.page"] = "vector_store.file_content.page"
    file_id: str
    filename: str
    attributes: dict[str, str | float | bool]
    data: list[FoundText]
    has_more: bool = False
    next_page: str | None = None
