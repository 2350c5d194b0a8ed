"""Written answers of a model: the bare model, its words checked, the service with it, quotes alone.

    python -m benchmarks.written http://localhost:9100 --model qwen DATA/squad2_cs224n --limit 60

DATA is a question set. Every way gets the same question and the same passages. The bare model gets
the plain prompt that most guides to retrieval-augmented generation show; "checked" is what the
service lets through of those very words, without a second try. Printed are, with 95 %
intervals: answers that hold a reference answer, wrong ones, refusals of answerable questions,
answers to unanswerable ones, tokens and seconds. OUT/rows.jsonl holds every answer for reading; a
second run goes on where the first one ended.

A short reference is held when its words stand in the answer in a row; of a long one (over
``LONG_WORDS``) half of the words must. So "right" is a bound by string: read the rows as well.
"""

import argparse
import json
import random
import re
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from html import escape
from pathlib import Path
from typing import Literal

from api.composition.embedding_model import load_embedder
from api.composition.evaluation import EvaluationFolders, answering_builder, build_corpus
from api.settings import Settings
from evaluate.datasets.corpus_ingestion import corpus_id
from evaluate.datasets.corpus_store import open_corpus
from evaluate.datasets.loading import load_questions
from evaluate.datasets.sample_conversation import history_of, standalone_question_of
from evaluate.datasets.sample_scope import scope_of
from evaluate.datasets.schema import Sample
from evaluate.metrics.bootstrap import interval_of_mean
from evaluate.metrics.text import contains, normalise
from generate.answer import answer
from generate.dependencies import AnswerDependencies
from generate.errors import ModelError, ModelUnavailableError
from generate.llm.metering import Meter, ask, counting
from generate.llm.port import Delta, Message, Model
from retrieve.retrieve import retrieve
from retrieve.types import Passage

LONG_WORDS = 12
"""References with more words than this are held in part."""
_HELD_SHARE = 0.5
_SAYS_NOTHING = re.compile(
    r"\b(do|does|did|is|are|was|were|can)(n't| not|not)\b[^.]{0,60}"
    r"\b(say|mention|state|specif|provid|contain|answer|include|explicit|determin|found|address)"
    r"|no (specific |explicit )?(information|mention|answer|passage)|unable to",
    re.IGNORECASE,
)
"""How models say that the passages do not answer."""

_BARE_SYSTEM = (
    "You are a helpful assistant. Answer the question using the passages below. If they do not "
    "contain the answer, say that you do not know: The documents do not say."
)
WAYS = ("bare", "checked", "ours", "quotes")
Outcome = Literal["right", "wrong", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reply:
    """The answer of one way to a question."""

    way: str
    text: str
    outcome: Outcome
    seconds: float
    status: str = ""
    cites_gold: bool | None = None
    """Whether a gold document is cited; None where nothing is cited or none is known."""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(_Reply):
    """One question, answered one way."""

    id: str
    question: str
    is_answerable: bool
    references: tuple[str, ...]
    prompt_tokens: int
    completion_tokens: int


class _RecordedReply:
    """A model that has one reply, which was recorded."""

    name = "recorded"

    def __init__(self, text: str) -> None:
        self._texts = [text]

    def stream(self, prompt: Sequence[Message], *, deadline: float) -> Generator[Delta, None, None]:
        """Yield the reply once, whatever is asked."""
        del prompt, deadline
        if not self._texts:
            raise ModelUnavailableError("No second reply was recorded.")
        yield Delta(self._texts.pop())

    def count_tokens(self, text: str) -> int:
        """Guess high."""
        return len(text)


def outcome_of(text: str, sample: Sample, *, is_refusal: bool) -> Outcome:
    """Compare an answer with what is known about the right one."""
    if is_refusal:
        return "refused"
    if sample.answerable and any(_holds(text, reference) for reference in sample.answers):
        return "right"
    return "wrong"


def _holds(text: str, reference: str) -> bool:
    words = normalise(reference).split()
    if len(words) <= LONG_WORDS:
        return contains(text, reference)
    answer_words = set(normalise(text).split())
    return sum(word in answer_words for word in words) >= _HELD_SHARE * len(words)


def ask_bare(sample: Sample, dependencies: AnswerDependencies, model: Model) -> Row:
    """Let the model answer as it likes."""
    question = standalone_question_of(sample)
    top_k = dependencies.config.passages
    retrieved = retrieve(question, scope_of(sample), dependencies.retrieval, top_k=top_k)
    passages = "\n\n".join(_numbered(i, p) for i, p in enumerate(retrieved.passages, 1))
    messages = [
        Message("system", _BARE_SYSTEM),
        *(Message(turn.speaker, turn.text) for turn in history_of(sample)),
        Message("user", f"{passages}\n\nQuestion: {sample.question}"),
    ]
    began, note = time.perf_counter(), ""
    with counting(Meter()) as meter:
        deadline = time.monotonic() + dependencies.config.deadline_s
        try:
            text = "".join(delta.text for delta in ask(model, messages, deadline=deadline)).strip()
        except ModelError as error:
            text, note = "", str(error)
    is_refusal = not text or bool(_SAYS_NOTHING.search(text))
    outcome = outcome_of(text, sample, is_refusal=is_refusal)
    if is_refusal and outcome_of(text, sample, is_refusal=False) == "right":
        outcome = "right"
    seconds = time.perf_counter() - began
    reply = _Reply(way="bare", text=text, outcome=outcome, seconds=seconds, note=note)
    return _row(sample, reply, meter)


def ask_ours(sample: Sample, dependencies: AnswerDependencies, way: str) -> Row:
    """Answer as the service does."""
    began = time.perf_counter()
    with counting(Meter()) as meter:
        reply = answer(sample.question, scope_of(sample), dependencies, history=history_of(sample))
    text = " ".join(sentence.text for sentence in reply.sentences)
    documents = {corpus_id(citation.filename) for citation in reply.citations}
    made = _Reply(
        way=way,
        text=reply.text,
        outcome=outcome_of(text, sample, is_refusal=not reply.sentences),
        seconds=time.perf_counter() - began,
        status=reply.status,
        cites_gold=bool(documents & set(sample.gold)) if documents and sample.gold else None,
        note=reply.notice or "",
    )
    return _row(sample, made, meter)


def _row(sample: Sample, reply: _Reply, meter: Meter) -> Row:
    usage = meter.total
    return Row(
        id=sample.id,
        question=sample.question,
        is_answerable=sample.answerable,
        references=sample.answers,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        **asdict(reply),
    )


def _numbered(number: int, passage: Passage) -> str:
    title = escape(passage.chunk.title or passage.chunk.filename)
    return f"[{number}] {title}\n{passage.text}"


def run(
    samples: Sequence[Sample],
    dependencies: AnswerDependencies,
    rows_file: Path,
    ways: Sequence[str],
    parallel: int,
) -> list[Row]:
    """Ask every question every way that the file does not hold yet; return all rows."""
    rows = list(_read(rows_file))
    known = {(row.id, row.way) for row in rows}
    model = dependencies.model
    assert model is not None
    quoting = replace(dependencies, model=None)

    def one(task: tuple[Sample, str]) -> Row:
        sample, way = task
        if way == "bare":
            return ask_bare(sample, dependencies, model)
        return ask_ours(sample, dependencies if way == "ours" else quoting, way)

    asked_ways = [way for way in ways if way != "checked"]
    tasks = [(s, way) for s in samples for way in asked_ways if (s.id, way) not in known]
    with ThreadPoolExecutor(parallel) as pool, rows_file.open("a", encoding="utf-8") as out:
        for count, row in enumerate(pool.map(one, tasks), 1):
            out.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
            out.flush()
            rows.append(row)
            print(f"{count}/{len(tasks)} {row.way} {row.outcome} {row.seconds:.1f} s", flush=True)
    chosen = {sample.id for sample in samples}
    rows = [row for row in rows if row.id in chosen]
    return rows + check_again(samples, rows, dependencies) if "checked" in ways else rows


def check_again(
    samples: Sequence[Sample], rows: Sequence[Row], dependencies: AnswerDependencies
) -> list[Row]:
    """Let the service check the words of the bare model as it would those of its own prompt."""
    bare_texts = {row.id: row.text for row in rows if row.way == "bare"}
    return [
        ask_ours(
            sample, replace(dependencies, model=_RecordedReply(bare_texts[sample.id])), "checked"
        )
        for sample in samples
        if sample.id in bare_texts
    ]


def _read(rows_file: Path) -> Iterator[Row]:
    if rows_file.exists():
        for line in rows_file.read_text(encoding="utf-8").splitlines():
            fields = json.loads(line)
            yield Row(**fields | {"references": tuple(fields["references"])})


def report(rows: Sequence[Row], ways: Sequence[str]) -> None:
    """Print a table, a row for each way."""
    print("| way | right | wrong | refused | unanswerable answered | cites gold | tokens | s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for way in ways:
        mine = [row for row in rows if row.way == way]
        answerable = [row for row in mine if row.is_answerable]
        others = [row for row in mine if not row.is_answerable]
        cells = [
            *(
                share([row.outcome == o for row in answerable])
                for o in ("right", "wrong", "refused")
            ),
            share([row.outcome != "refused" for row in others]),
            share([row.cites_gold for row in answerable if row.cites_gold is not None]),
            f"{_mean([row.prompt_tokens + row.completion_tokens for row in mine]):.0f}",
            f"{_mean([row.seconds for row in mine]):.1f}",
        ]
        print(f"| {way} | {' | '.join(cells)} |")


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else float("nan")


def share(flags: Sequence[bool | None]) -> str:
    """Return the share of true ones with its 95 % interval, as a cell of a table."""
    values = [float(bool(flag)) for flag in flags]
    interval = interval_of_mean(values)
    spread = f" ({interval.low:.2f} to {interval.high:.2f})" if interval else ""
    return f"{_mean(values):.3f} of {len(values)}{spread}" if values else "-"


def model_settings(options: argparse.Namespace, *, prompt: str, answer_tokens: int) -> Settings:
    """Return settings with the model of the command line, and all else below ``--out``."""
    options.out.mkdir(parents=True, exist_ok=True)
    registry = options.out / "models.yaml"
    spec = {
        "name": options.model, "url": options.url, "prompt": prompt,
        "first_token_seconds": options.patience, "deadline_seconds": 2 * options.patience,
        "answer_tokens": answer_tokens,
    }  # fmt: skip
    registry.write_text(json.dumps({"models": [spec]}), encoding="utf-8")
    return Settings(data=options.out / "store", cache=options.out / "stores", models=registry)


def build_dependencies(options: argparse.Namespace) -> tuple[list[Sample], AnswerDependencies]:
    """Return the questions in a random order, and what answers them."""
    settings = model_settings(options, prompt=options.prompt, answer_tokens=200)
    embedder = load_embedder(settings)
    dataset = load_questions(options.data)
    library = open_corpus(dataset, build_corpus(EvaluationFolders.of(settings), embedder))
    dependencies = answering_builder(settings, embedder)(library)
    config = replace(dependencies.config, passages=options.passages)
    samples = list(dataset.samples)
    random.Random(23).shuffle(samples)
    return samples[: options.limit], replace(dependencies, config=config)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("url", help="base address of an OpenAI-compatible server")
    options.add_argument("data", type=Path)
    options.add_argument("--model", required=True, help="the name the server knows it by")
    options.add_argument("--prompt", choices=["large", "small"], default="small")
    options.add_argument("--limit", type=int, default=60)
    options.add_argument("--passages", type=int, default=8)
    options.add_argument("--parallel", type=int, default=2)
    options.add_argument("--patience", type=float, default=120.0, help="seconds to a first token")
    options.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    options.add_argument("--out", type=Path, default=Path("artifacts/written"))
    given = options.parse_args()
    samples, dependencies = build_dependencies(given)
    rows_file = given.out / f"{given.data.name}.jsonl"
    report(run(samples, dependencies, rows_file, given.ways, given.parallel), given.ways)


if __name__ == "__main__":
    main()
