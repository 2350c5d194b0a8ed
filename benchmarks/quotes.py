"""The quoting answerer's weights: fitted and measured on SQuAD 2, cross-fit by article.

    python -m benchmarks.quotes DATA/squad2_cs224n

Prints, with and without the likeness of single words, what the weights reach on articles that they
were not fitted on, and the weights fitted on all articles: those that are shipped
(generate/quoting/candidates.py, generate/quoting/answerability.py). Every question is asked of the
whole corpus through the search as shipped; every other answerable one a second time of the corpus
without the article that it is about ("off-topic"). The order of sentences is a conditional logit
over a question's sentences, the estimate a logistic regression. An unanswerable question belongs to
the article of its best sentence. Of the sentences the 16 best by the shipped lexical weights are
looked at.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from api.composition.embedding_model import load_embedder
from api.composition.evaluation import EvaluationFolders, build_corpus
from api.composition.retrieval import build_retrieval, load_reranker
from api.settings import Settings
from evaluate.datasets.corpus_store import open_corpus
from evaluate.datasets.loading import load_questions
from evaluate.datasets.sample_scope import scope_of
from evaluate.datasets.schema import Sample
from evaluate.metrics.citations import answer_in_quote
from generate.config import QuoteConfig
from generate.quoting.answerability import describe
from generate.quoting.candidates import (
    FIRST,
    Candidate,
    Ranked,
    candidates,
    lexical_features,
    likeness_features,
    rarity_of_terms,
    text_to_compare,
    weigh,
)
from generate.quoting.focus import Focus, focus
from generate.quoting.late_interaction import Likeness, compare
from index.embedding.embedder import Embedder, Encoded, Matrix, TokenEmbedder
from retrieve.retrieve import retrieve
from retrieve.types import Passage

Floats = NDArray[np.float64]

PASSAGES = 8
LOOKED_AT = 16
FOLDS = 12
THRESHOLDS = (0.10, 0.12, 0.13, 0.14, 0.15, 0.16, 0.20)
LEXICAL = len(FIRST)
WHOLE_ONLY = [*range(LEXICAL), LEXICAL]
WITH_WORDS = [*range(LEXICAL), LEXICAL + 1, LEXICAL + 2]
"""Columns of a case's features that the order rests on."""
SHIPPED = QuoteConfig()


class Remembering:
    """An embedder that encodes each sentence once, however many questions find it."""

    def __init__(self, inner: TokenEmbedder) -> None:
        self._inner = inner
        self._held: dict[str, Encoded] = {}
        self.name, self.dimension, self.max_tokens = inner.name, inner.dimension, inner.max_tokens

    def embed(self, texts: Sequence[str]) -> Matrix:
        return self._inner.embed(texts)

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        missing = list(dict.fromkeys(text for text in texts if text not in self._held))
        self._held.update(zip(missing, self._inner.encode(missing), strict=True))
        return [self._held[text] for text in texts]

    def count_tokens(self, text: str) -> int:
        return self._inner.count_tokens(text)


@dataclass
class Case:
    """A question, the sentences found for it, and all that is known about them."""

    question: str
    answerable: bool
    article: str
    passages: Sequence[Passage]
    focus: Focus
    pool: Sequence[Candidate]
    likenesses: Sequence[Likeness]
    features: Floats
    """(sentences, 8): lexical, whole, asked, asking."""
    hits: NDArray[np.bool_]
    """Whether a sentence holds a reference answer."""
    away: "Case | None" = None
    """The same question where its article is missing."""
    described: dict[int, Floats] = field(default_factory=dict)

    def evidence(self, order: Sequence[int], scores: Floats) -> Floats:
        """Return the features of the estimate; what hangs on the order's weights comes last."""
        best = int(order[0])
        key = hash((best, frozenset(map(int, order))))
        if key not in self.described:
            ranked = [Ranked(self.pool[i], 0.0, self.likenesses[i]) for i in order]
            lacking = self.focus.lacking(self.pool[best])
            features = describe(self.question, ranked, self.passages, lacking)
            self.described[key] = np.array(astuple(features))
        row = self.described[key].copy()
        row[-2] = scores[best]
        return row[:-1]


def case_of(sample: Sample, passages: Sequence[Passage], embedder: Embedder) -> Case | None:
    """Cut, describe and compare; none where nothing was found."""
    asked = focus(sample.question, candidates(passages))
    pool = asked.pool
    if not pool:
        return None
    rarities = rarity_of_terms(sample.question, pool)
    lexical = lexical_features(sample.question, pool, rarities)
    first = np.argsort(-weigh(lexical, FIRST), kind="stable")[:LOOKED_AT]
    kept = [pool[i] for i in first]
    texts = [text_to_compare(one, rarities) for one in kept]
    likenesses = compare(sample.question, texts, rarities, embedder)
    alike = [(one.whole, *likeness_features(one)) for one in likenesses]
    hits = [
        sample.answerable and answer_in_quote([one.quote.text], sample.answers, 1).value == 1
        for one in kept
    ]
    return Case(
        sample.question, sample.answerable, "", passages, asked, kept, likenesses,
        np.column_stack([lexical[first], alike]), np.array(hits),
    )  # fmt: skip


def cases(folder: Path, settings: Settings) -> Iterator[Case]:
    """Ask every question of the set's own corpus."""
    dataset = load_questions(folder)
    model = load_embedder(settings)
    library = open_corpus(dataset, build_corpus(EvaluationFolders.of(settings), model))
    search = build_retrieval(library, model, load_reranker(settings))
    titles = {document.id: document.title for document in dataset.corpus}
    assert isinstance(model, TokenEmbedder)
    embedder = Remembering(model)
    for number, sample in enumerate(dataset.samples):
        results = retrieve(sample.question, scope_of(sample), search, top_k=PASSAGES)
        case = case_of(sample, results.passages, embedder)
        if case is None:
            continue
        article = titles[sample.gold[0]] if sample.gold else case.pool[0].quote.passage.chunk.title
        case.article = article
        if sample.answerable and number % 2 == 0:
            filters = {"title": {"ne": article}}
            results = retrieve(
                sample.question, scope_of(sample), search, top_k=PASSAGES, filters=filters
            )
            case.away = case_of(sample, results.passages, embedder)
        yield case


@dataclass(frozen=True)
class Order:
    """The weights of the two steps that order sentences."""

    first: Floats
    all: Floats

    def of(self, case: Case, columns: list[int]) -> tuple[NDArray[np.intp], Floats]:
        """Return the sentences that are compared, best first, and the scores of all."""
        first = np.argsort(-weigh(case.features[:, :LEXICAL], self.first), kind="stable")
        first = first[: SHIPPED.candidates]
        scores = weigh(case.features[:, columns], self.all)
        return first[np.argsort(-scores[first], kind="stable")], scores


def fit_order(answerable: Sequence[Case], columns: list[int]) -> Order:
    """Fit the lexical step on all sentences, then the order on those that it leaves."""
    first = fit_choice([(case.features[:, :LEXICAL], case.hits) for case in answerable])
    left = [Order(first, np.zeros(0)).of(case, [])[0] for case in answerable]
    pairs = zip(answerable, left, strict=True)
    return Order(first, fit_choice([(c.features[i][:, columns], c.hits[i]) for c, i in pairs]))


def fit_choice(questions: Sequence[tuple[Floats, NDArray[np.bool_]]]) -> Floats:
    """Fit a conditional logit of which of a question's sentences holds the answer."""
    telling = [(rows, hits) for rows, hits in questions if hits.any() and not hits.all()]
    sizes = [len(rows) for rows, _ in telling]
    starts = np.cumsum([0, *sizes[:-1]])
    owner = np.repeat(np.arange(len(sizes)), sizes)
    rows = np.concatenate([rows for rows, _ in telling])
    hits = np.concatenate([hits for _, hits in telling]).astype(np.float64)
    spread = rows.std(axis=0) + 1e-9
    scaled = rows / spread

    def loss(weights: Floats) -> tuple[float, Floats]:
        scores = scaled @ weights
        odds = np.exp(scores - np.maximum.reduceat(scores, starts)[owner])
        total, right = (np.add.reduceat(part, starts) for part in (odds, odds * hits))
        expected = odds / total[owner] - odds * hits / right[owner]
        value = -np.log(right / total).sum() + 0.5 * weights @ weights
        return float(value), scaled.T @ expected + weights

    found = minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B")
    return np.asarray(found.x / spread)


@dataclass(frozen=True)
class Estimate:
    """The weights of the estimate that the evidence answers."""

    weights: Floats
    bias: float

    def of(self, rows: Floats) -> Floats:
        return np.asarray(1 / (1 + np.exp(-(rows @ self.weights + self.bias))))


def fit_estimate(held: Sequence[Case], order: Order, columns: list[int]) -> Estimate:
    """Fit: answerable questions against unanswerable ones and those whose article is missing."""
    rows, answers = [], []
    for case in held:
        for asked, answered in ((case, case.answerable), (case.away, False)):
            if asked is not None:
                rows.append(features_of(asked, order, columns))
                answers.append(answered)
    table = np.array(rows)
    middle, spread = table.mean(axis=0), table.std(axis=0) + 1e-9
    fitted = LogisticRegression(max_iter=2000).fit((table - middle) / spread, answers)
    weights = fitted.coef_[0] / spread
    return Estimate(weights, float(fitted.intercept_[0] - weights @ middle))


def features_of(case: Case, order: Order, columns: list[int]) -> Floats:
    """Without words there are no figures of words: the last two are left out."""
    row = case.evidence(*order.of(case, columns))
    return row if columns == WITH_WORDS else row[:-2]


@dataclass
class Outcome:
    """Results of the questions, each by weights that have not seen its article."""

    best: list[bool] = field(default_factory=list)
    two: list[bool] = field(default_factory=list)
    answerable: list[float] = field(default_factory=list)
    unanswerable: list[float] = field(default_factory=list)
    off_topic: list[float] = field(default_factory=list)

    def add(self, case: Case, order: Order, estimate: Estimate, columns: list[int]) -> None:
        def sure(one: Case) -> float:
            return float(estimate.of(features_of(one, order, columns)))

        if not case.answerable:
            self.unanswerable.append(sure(case))
            return
        places, scores = order.of(case, columns)
        least = scores[places[0]] - SHIPPED.close_behind
        quoted = [i for i in places[: SHIPPED.sentences] if scores[i] >= least]
        self.best.append(bool(case.hits[places[0]]))
        self.two.append(bool(case.hits[quoted].any()))
        self.answerable.append(sure(case))
        if case.away is not None:
            self.off_topic.append(sure(case.away))

    def show(self, title: str) -> None:
        kept, away, near = map(np.array, (self.answerable, self.off_topic, self.unanswerable))
        print(f"\n{title}: {len(kept)} answerable, {len(near)} not, {len(away)} off-topic")
        print(
            f"answer in the best sentence {np.mean(self.best):.3f}, in two {np.mean(self.two):.3f}"
        )
        print(f"AUROC unanswerable {auroc(kept, near):.3f}, off-topic {auroc(kept, away):.3f}")
        print("from | answers kept | off-topic refused | unanswerable refused | in two, abstaining")
        for least in THRESHOLDS:
            right = np.mean(np.array(self.two) & (kept >= least))
            refusal = (np.mean(part < least) for part in (away, near))
            shares = (np.mean(kept >= least), *refusal, right)
            print(" | ".join((f"{least:.2f}", *(f"{share:.3f}" for share in shares))))


def auroc(positive: Floats, negative: Floats) -> float:
    truth = np.repeat([1, 0], [len(positive), len(negative)])
    return float(roc_auc_score(truth, np.concatenate([positive, negative])))


def cross_fit(held: Sequence[Case], columns: list[int], title: str) -> None:
    """Fit on eleven parts of the articles, look at the twelfth; then fit on all."""
    fold = {article: i % FOLDS for i, article in enumerate(sorted({c.article for c in held}))}
    outcome = Outcome()
    for part in range(FOLDS):
        seen = [case for case in held if fold[case.article] != part]
        order = fit_order([case for case in seen if case.answerable], columns)
        estimate = fit_estimate(seen, order, columns)
        for case in held:
            if fold[case.article] == part:
                outcome.add(case, order, estimate, columns)
    outcome.show(title)
    order = fit_order([case for case in held if case.answerable], columns)
    estimate = fit_estimate(held, order, columns)
    show = _rounded
    print(f"weights: first {show(order.first)}; order {show(order.all)}")
    print(f"estimate {show(estimate.weights)}, bias {estimate.bias:.2f}")


def _rounded(weights: Floats) -> str:
    return ", ".join(f"{weight:.2f}" for weight in weights)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("data", type=Path)
    options.add_argument("--out", type=Path, default=Path("artifacts/public"))
    given = options.parse_args()
    settings = Settings(data=given.out / "store", cache=given.out / "stores")
    held = list(cases(given.data, settings))
    cross_fit(held, WHOLE_ONLY, "without single words")
    cross_fit(held, WITH_WORDS, "with single words")


if __name__ == "__main__":
    main()
