"""A search in a vector store: our own search, narrowed to a collection."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from api.openai_compatible.search_filters import own_filter
from api.openai_compatible.store_file_objects import Attributes, shown_attributes
from api.openai_compatible.store_schemas import (
    FoundPassage,
    FoundText,
    RankingOptions,
    SearchPage,
    StoreSearchRequest,
)
from api.questions.dependencies import QuestionDependencies
from api.questions.service import search
from index.access.classes import readable
from index.collections import Narrowing, find_collection
from index.db.database import Database
from index.db.tables.collections import CollectionDocument
from index.db.tables.documents import Document
from index.types import Actor, Scope
from retrieve.query import rewrite
from retrieve.types import Passage


def search_store(
    questions: QuestionDependencies, actor: Actor, store_id: str, body: StoreSearchRequest
) -> SearchPage:
    """Return the passages of a vector store that fit any of the queries best.

    Raises:
        NotFoundError: the vector store is not there for the actor.
        CollectionExpiredError: it was not used for too long.
        InvalidFilterError: the filters do not parse.
        InvalidQuestionError: a query has no word.

    """
    ranking = body.ranking_options or RankingOptions()
    narrowing = Narrowing(own_filter(body.filters) if body.filters else None, None, [store_id])
    passages: dict[str, Passage] = {}
    for query in body.queries:
        results = search(
            questions, actor, query, top_k=body.max_num_results, narrowing=narrowing,
            is_reranked=ranking.ranker != "none",
        )  # fmt: skip
        for passage in results.passages:
            earlier = passages.setdefault(passage.chunk.chunk_id, passage)
            if earlier.score < passage.score:
                passages[passage.chunk.chunk_id] = passage
    best = sorted(passages.values(), key=lambda passage: -passage.score)
    top_passages = [each for each in best if each.score >= ranking.score_threshold]
    return SearchPage(
        search_query=_shown_queries(questions, body),
        data=_results(
            questions.database, actor.scope, store_id, top_passages[: body.max_num_results]
        ),
    )


def _shown_queries(questions: QuestionDependencies, body: StoreSearchRequest) -> list[str]:
    """Return the queries as they were searched for, where they were to be rewritten."""
    if not body.rewrite_query:
        return body.queries
    longest = questions.retrieval().config.question_characters
    return [rewrite(query, longest=longest) for query in body.queries]


def _results(
    database: Database, scope: Scope, store_id: str, passages: Sequence[Passage]
) -> list[FoundPassage]:
    document_ids = {passage.chunk.document_id for passage in passages}
    attributes = _attributes(database, scope, store_id, document_ids)
    return [
        FoundPassage(
            file_id=passage.chunk.document_id,
            filename=passage.chunk.filename,
            score=passage.score,
            attributes=attributes.get(passage.chunk.document_id, {}),
            content=[FoundText(text=passage.text)],
        )
        for passage in passages
    ]


def _attributes(
    database: Database, scope: Scope, store_id: str, document_ids: set[str]
) -> dict[str, Attributes]:
    with database.read() as session:
        collection = find_collection(session, scope, store_id)
        rows: Any = session.execute(
            select(Document.id, Document.attributes, CollectionDocument.attributes)
            .outerjoin(
                CollectionDocument,
                (CollectionDocument.document_key == Document.key)
                & (CollectionDocument.collection_key == collection.key),
            )
            .where(Document.id.in_(sorted(document_ids)), readable(scope))
        )
        return {name: shown_attributes(own | (placed or {})) for name, own, placed in rows}
