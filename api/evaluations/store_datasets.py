"""Data sets out of the store: its documents as a corpus, and what readers said as questions.

Both under the rights of the one who asks for them: documents that the actor may read, feedback
that the actor gave, on answers that are not withheld from the actor now.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress

from sqlalchemy import select

from api.questions.answer_store import readable_answer
from api.questions.reviews import decided_reviews
from evaluate.datasets.schema import CorpusDocument, GuardSample, Sample, SampleTurn
from index.db.database import Database
from index.db.tables.questions import AnswerRow, Feedback
from index.documents import get_text, list_documents
from index.errors import NotFoundError
from index.library import Library
from index.types import EVERYONE, Actor

_PAGE = 200
_GOOD = 1


def readable_corpus(
    library: Library, actor: Actor, chosen_ids: Collection[str] | None = None
) -> list[CorpusDocument]:
    """Return every document that the actor may read, by its id, with its access list.

    With chosen ids, only those of them.
    """
    only_ids = None if chosen_ids is None else frozenset(chosen_ids)
    documents: list[CorpusDocument] = []
    after: str | None = None
    while True:
        page = list_documents(library, actor.scope, limit=_PAGE, after=after)
        for item in page.items:
            if only_ids is not None and item.document_id not in only_ids:
                continue
            with suppress(NotFoundError):  # it has no text yet, or left meanwhile
                text = get_text(library, actor.scope, item.document_id)
                documents.append(
                    CorpusDocument(
                        id=item.document_id,
                        title=item.title,
                        text=text,
                        allow=tuple(item.allow),
                        deny=tuple(item.deny),
                    )
                )
        after = page.next
        if after is None:
            return documents


def feedback_samples(database: Database, actor: Actor) -> tuple[list[Sample], int]:
    """Return what the actor liked as questions with known answers, and how many were left out.

    An answer that was called good is the reference: its text, its documents, its quotes. "No
    evidence" that was called good makes an unanswerable question. What was called bad has no
    known answer and is left out, as is what is withheld from the actor now.
    """
    samples: list[Sample] = []
    left_out = 0
    with database.read() as session:
        rows = session.scalars(
            select(Feedback)
            .where(Feedback.tenant == actor.scope.tenant, Feedback.author == actor.owner)
            .order_by(Feedback.created_at, Feedback.id)
        ).all()
        latest = {row.answer_id: row for row in rows}
        for row in latest.values():
            try:
                answer = readable_answer(session, actor, row.answer_id)
                earlier = _earlier(
                    answer,
                    []
                    if not answer.conversation_id
                    else session.scalars(
                        select(AnswerRow)
                        .where(AnswerRow.conversation_id == answer.conversation_id)
                        .order_by(AnswerRow.key)
                    ).all(),
                )
                for before in earlier:
                    readable_answer(session, actor, before.id)
            except NotFoundError:
                left_out += 1
                continue
            if row.rating != _GOOD:
                left_out += 1
                continue
            samples.append(_sample(answer, earlier, actor))
    return samples, left_out


def review_samples(database: Database, actor: Actor) -> list[GuardSample]:
    """Return what reviewers decided as labelled texts: approved is benign, denied an attack.

    Only what this reviewer may see whole, in the redacted form that was decided on. What nobody
    decided is no judgement and is left out.
    """
    return [
        GuardSample(
            text=line,
            label="benign" if view.state == "approved" else "attack",
            stage="before" if view.stage == "before" else "after",
            set="reviews",
        )
        for view in decided_reviews(database, actor)
        for line in (view.text or "").split("\n")
    ]


def _earlier(answer: AnswerRow, rows: Sequence[AnswerRow]) -> list[AnswerRow]:
    return [row for row in rows if row.key < answer.key]


def _sample(answer: AnswerRow, earlier: Sequence[AnswerRow], actor: Actor) -> Sample:
    answer_fields = answer.answer
    answerable = answer_fields["status"] in {"answered", "partial"}
    citations = answer_fields.get("citations", [])
    quotes = tuple(dict.fromkeys(citation["quote"] for citation in citations))
    return Sample(
        id=answer.id,
        question=answer.question,
        answerable=answerable,
        answers=quotes if answerable else (),
        gold=tuple(dict.fromkeys(c["document_id"] for c in citations)) if answerable else (),
        drawn_from=tuple(sorted({name for row in (answer, *earlier) for name in row.documents})),
        evidence=(quotes,) if answerable and quotes else (),
        turns=tuple(
            turn
            for row in earlier
            for turn in (
                SampleTurn(speaker="user", text=row.question),
                SampleTurn(speaker="assistant", text=row.answer["text"]),
            )
        ),
        principals=tuple(sorted(actor.scope.principals - {EVERYONE})),
        tags={"kind": "feedback"},
    )
