"""Footnote as a component of Haystack."""

from typing import Any

from haystack import Document, component, default_from_dict, default_to_dict
from haystack.utils import Secret

from footnote_client import Footnote, Passage
from footnote_integrations.search_options import facts_of


@component
class FootnoteRetriever:
    """Returns the passages that the key's person may read and that fit a query best.

    A pipeline with it can be saved: the key itself is not, only where it comes from.
    """

    def __init__(
        self,
        base_url: str,
        key: Secret = Secret.from_env_var("FOOTNOTE_KEY"),  # noqa: B008 - Haystack's own idiom
        *,
        top_k: int = 10,
        filters: dict[str, Any] | None = None,
        documents: list[str] | None = None,
        collections: list[str] | None = None,
    ) -> None:
        """Take the service's address, a key and the options of the search."""
        self.base_url = base_url
        self.key = key
        self.top_k = top_k
        self.filters = filters
        self.documents = documents
        self.collections = collections
        self._client: Footnote | None = None

    def warm_up(self) -> None:
        """Make the client."""
        if self._client is None:
            self._client = Footnote(self.base_url, self.key.resolve_value())

    @component.output_types(documents=list[Document])
    def run(
        self, query: str, top_k: int | None = None, filters: dict[str, Any] | None = None
    ) -> dict[str, list[Document]]:
        """Return the passages that fit a query best; arguments go before the component's own."""
        self.warm_up()
        assert self._client is not None
        response = self._client.search(
            query,
            top_k=top_k or self.top_k,
            filters=filters or self.filters,
            documents=self.documents,
            collections=self.collections,
        )
        return {"documents": [as_document(passage) for passage in response.passages]}

    def to_dict(self) -> dict[str, Any]:
        """Return the component as a pipeline's file holds it."""
        saved: dict[str, Any] = default_to_dict(
            self,
            base_url=self.base_url,
            key=self.key.to_dict(),
            top_k=self.top_k,
            filters=self.filters,
            documents=self.documents,
            collections=self.collections,
        )
        return saved

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "FootnoteRetriever":
        """Return the component that a pipeline's file holds."""
        data["init_parameters"]["key"] = Secret.from_dict(data["init_parameters"]["key"])
        restored: FootnoteRetriever = default_from_dict(cls, data)
        return restored


def as_document(passage: Passage) -> Document:
    """Return a passage as a document of Haystack."""
    return Document(
        id=passage.chunk_id, content=passage.text, meta=facts_of(passage), score=passage.score
    )
