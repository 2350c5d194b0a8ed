"""One answer held against what is known about the right one: every metric of an answer."""

import re
from dataclasses import dataclass, field

from evaluate.datasets.access_matrix import Matrix
from evaluate.datasets.recorded_outputs import Output
from evaluate.datasets.sample_scope import scope_of
from evaluate.datasets.schema import Sample
from evaluate.metrics import citations, context, grounding, leaks, text
from evaluate.metrics.grounding import CitedSentence
from evaluate.metrics.score import Score
from evaluate.scoring.results import Result
from generate.verification.verifier import Verifier
from index.embedding.embedder import Embedder
from index.text.sentence_splitter import split_sentences

REFERENCE_METRICS = (
    "answer_in_quote@1",
    "answer_in_quote@2",
    "answer_in_quote@3",
    "citation_precision",
    "citation_recall",
    "evidence_precision",
    "evidence_recall",
    "context_precision",
    "context_recall",
    "answer_in_context",
    "evidence_in_context",
    "exact_match",
    "token_f1",
    "rouge_l",
    "answer_similarity",
)
"""Metrics that need a reference answer; not judged where the sample has none."""
CITING_METRICS = REFERENCE_METRICS[:7]
"""The metrics among them that judge citations."""
GROUNDING_METRICS = ("groundedness", "alce_citation_precision", "alce_citation_recall")
"""Metrics that need no reference answer: they check an answer against its evidence."""

_MARKER = re.compile(r"\s*\[(\d+)\]")
_KEPT_PASSAGES = 20
_NOT_CITED = Score.unjudged("no output names what it cites")


@dataclass(frozen=True, slots=True)
class Judges:
    """Collaborators of the metrics that need a model or the access lists."""

    verifier: Verifier | None = None
    embedder: Embedder | None = None
    access: Matrix = field(default_factory=dict)
    cites: bool = True
    """Whether the system that is judged says what it cites; if not, that is not judged."""

    @property
    def names(self) -> dict[str, str | None]:
        """Return who judges, for the report."""
        return {
            "verifier": self.verifier.name if self.verifier else None,
            "similarity": self.embedder.name if self.embedder else None,
        }


def judge_output(sample: Sample, output: Output, judges: Judges) -> dict[str, Score]:
    """Score one answer; each score says why it is what it is, or why there is none."""
    scores = _grounding(output, judges.verifier)
    if not judges.cites:
        scores |= dict.fromkeys(GROUNDING_METRICS[1:], _NOT_CITED)
    if sample.answerable:
        scores |= _against_reference(sample, output, judges.embedder)
        if not judges.cites:
            scores |= dict.fromkeys(CITING_METRICS, _NOT_CITED)
    else:
        why = Score.unjudged("the corpus does not answer the question")
        scores |= dict.fromkeys(REFERENCE_METRICS, why)
    scores["abstention"] = _abstention(sample, output)
    if judges.access:
        documents = [citation.document for citation in output.citations]
        documents += [passage.document for passage in output.passages]
        scores["leaks"] = leaks.leaks(documents, scope_of(sample), judges.access)
    return scores


def judged_result(sample: Sample, output: Output, judges: Judges) -> Result:
    """Return an answer's scores with what a reader needs to understand them."""
    facts = {
        "answerable": sample.answerable,
        "abstained": output.abstained,
        "status": output.status,
        "confidence": None if output.confidence is None else round(output.confidence, 4),
        "answer": output.answer,
        "citations": [[c.document, c.quote, c.verdict] for c in output.distinct_citations],
        "passages": [[p.document, p.text] for p in output.passages[:_KEPT_PASSAGES]],
        "references": list(sample.answers[:5]),
        "gold": list(sample.gold[:20]),
        "principals": list(sample.principals),
        "seconds": None if output.seconds is None else round(output.seconds, 4),
        "prompt_tokens": output.prompt_tokens,
        "completion_tokens": output.completion_tokens,
        "cost": output.cost,
        "snapshot": output.snapshot,
        "tags": {"answerable": "yes" if sample.answerable else "no", **sample.tags},
    }
    if output.refused:
        facts["refused"] = output.refused
    if output.searched:
        facts["searched"] = output.searched
    return Result(sample.id, sample.question, judge_output(sample, output, judges), facts)


def cited_sentences(output: Output) -> list[CitedSentence]:
    """Return the answer's sentences, each with the quotes it cites.

    Citations without a sentence belong to the sentences with their marker ``[n]``, the n-th place;
    where the answer has no markers, to every sentence.
    """
    if output.abstained:
        return []
    texts, markers = _sentences(output)
    quotes_by_sentence: list[list[str]] = [[] for _ in texts]
    has_markers = any(markers)
    for number, citation in enumerate(
        output.distinct_citations if has_markers else output.citations, start=1
    ):
        for at, sentence_quotes in enumerate(quotes_by_sentence):
            carries = number in markers[at] if has_markers else citation.sentence in {None, at}
            if carries and citation.quote and citation.quote not in sentence_quotes:
                sentence_quotes.append(citation.quote)
    return [
        CitedSentence(t, tuple(quotes)) for t, quotes in zip(texts, quotes_by_sentence, strict=True)
    ]


def _sentences(output: Output) -> tuple[list[str], list[set[int]]]:
    """Return the sentences, and which markers stand in each where nothing else tells."""
    if output.sentences:
        return list(output.sentences), [set() for _ in output.sentences]
    raw = [output.answer[a:b] for a, b in split_sentences(output.answer)]
    sentences: list[str] = []
    for text_of in raw:  # a sentence's marker may stand behind its full stop
        if sentences and not _MARKER.sub("", text_of).strip():
            sentences[-1] += f" {text_of}"
        else:
            sentences.append(text_of)
    markers = [{int(number) for number in _MARKER.findall(one)} for one in sentences]
    return [_MARKER.sub("", one) for one in sentences], markers


def _against_reference(
    sample: Sample, output: Output, embedder: Embedder | None
) -> dict[str, Score]:
    quotes = [citation.quote for citation in output.distinct_citations if citation.quote]
    documents = [citation.document for citation in output.distinct_citations]
    texts = [passage.text for passage in output.passages if passage.text]
    retrieved_documents = [passage.document for passage in output.passages]
    plain = "" if output.abstained else _MARKER.sub("", output.answer)
    return {
        **{
            f"answer_in_quote@{n}": citations.answer_in_quote(quotes, sample.answers, n)
            for n in (1, 2, 3)
        },
        "citation_precision": citations.citation_precision(documents, sample.gold),
        "citation_recall": citations.citation_recall(documents, sample.gold),
        "evidence_precision": citations.evidence_precision(quotes, sample.evidence),
        "evidence_recall": citations.evidence_recall(quotes, sample.evidence),
        "context_precision": context.context_precision(retrieved_documents, sample.gold),
        "context_recall": context.context_recall(retrieved_documents, sample.gold),
        "answer_in_context": context.answer_in_context(texts, sample.answers),
        "evidence_in_context": context.evidence_in_context(texts, sample.evidence),
        "exact_match": text.exact_match(plain, sample.answers),
        "token_f1": text.token_f1(plain, sample.answers),
        "rouge_l": text.rouge_l(plain, sample.answers),
        "answer_similarity": text.similarity(plain, sample.answers, embedder)
        if embedder
        else Score.unjudged("no embedding model is given"),
    }


def _grounding(output: Output, verifier: Verifier | None) -> dict[str, Score]:
    if verifier is None or output.abstained:
        why = "no verifier is given" if verifier is None else "nothing was said"
        return dict.fromkeys(GROUNDING_METRICS, Score.unjudged(why))
    answer = cited_sentences(output)
    texts = [passage.text for passage in output.passages]
    recorded = texts or output.citations
    return {
        "groundedness": grounding.groundedness(answer, texts, verifier)
        if recorded
        else Score.unjudged("no passage and no citation is recorded"),
        "alce_citation_precision": grounding.citation_precision(answer, verifier),
        "alce_citation_recall": grounding.citation_recall(answer, verifier),
    }


def _abstention(sample: Sample, output: Output) -> Score:
    """1 if it was right to answer or not to."""
    decision = "abstained" if output.abstained else "answered"
    truth = "answerable" if sample.answerable else "not answerable"
    return Score(float(output.abstained != sample.answerable), f"{decision}, and it is {truth}")
