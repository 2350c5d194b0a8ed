"""Showing both sides: where documents disagree on what was asked, every value is quoted."""

from collections.abc import Sequence

from generate.draft import AnswerDraft
from generate.quoting.disagreement import Disagreement, Side
from generate.types import Citation, Conflict, ConflictSide, Quote


def show_conflicts(
    disagreements: Sequence[Disagreement], draft: AnswerDraft
) -> tuple[Conflict, ...]:
    """Quote the sides that an answer does not cite yet, and return what is shown of them.

    An answer that cites no side is about something else. A side that is not released, since the
    policy keeps it back or the asker may no longer read it, is no side.
    """
    conflicts = []
    for disagreement in disagreements:
        if not any(_citation(side, draft) for side in disagreement.sides):
            continue
        for side in disagreement.sides:
            if _citation(side, draft) is None:
                draft.release(side.statement.claim)
        sides = list(filter(None, (_shown(side, draft) for side in disagreement.sides)))
        if len({side.marker for side in sides}) > 1:
            conflicts.append(Conflict(disagreement.kind, tuple(sides)))
    return tuple(conflicts)


def _shown(side: Side, draft: AnswerDraft) -> ConflictSide | None:
    citation = _citation(side, draft)
    if citation is None:
        return None
    return ConflictSide(side.value, citation.marker, citation.authoritative)


def _citation(side: Side, draft: AnswerDraft) -> Citation | None:
    """Return the citation that has a side's words."""
    quote = side.statement.claim.quotes[0]
    return next((one for one in draft.citations if _is_of(one, quote)), None)


def _is_of(citation: Citation, quote: Quote) -> bool:
    is_document = citation.document_id == quote.passage.chunk.document_id
    return is_document and citation.start < quote.end and quote.start < citation.end
