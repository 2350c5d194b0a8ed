"""A small corpus about a harbour town, as a BEIR folder and as a question set."""

import json

import pytest

from evaluate.datasets.corpus_store import CorpusDependencies
from generate.answer import AnswerDependencies
from generate.config import QuoteConfig
from generate.quoting.quoter import Quoter
from generate.verification.verifier import AlignmentVerifier
from ingest.chunking.chunker import ChunkingConfig
from retrieve.config import RetrievalConfig
from retrieve.retrieve import RetrievalDependencies
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.store import Shelf

CORPUS = [
    (
        "fog horn",
        "The fog horn",
        "The fog horn of Marrow Point was built in 1931. It sounds twice.",
    ),
    ("ferry/1", "The ferry", "The ferry to Elder Isle sails at noon. It carries forty passengers."),
    ("ferry/2", "", "The old ferry sank in a storm in 1887. Nobody was hurt."),
    ("bakery", "Bread", "The bakery of Iris Vane sells rye bread. It opens at six."),
    ("museum", "The museum", "The museum shows the bell of the old ferry. Entry is free."),
    ("salary", "Salaries", "The harbour master earns four thousand crowns a month."),
]


def write_lines(file, records):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(record) + "\n" for record in records))


def corpus_lines():
    lines = [{"_id": key, "title": title, "text": text} for key, title, text in CORPUS]
    lines[-1]["allow"] = ["group:town/office"]
    return lines


@pytest.fixture
def beir(tmp_path):
    folder = tmp_path / "harbour"
    write_lines(folder / "corpus.jsonl", corpus_lines())
    queries = {"q1": "when does the ferry sail", "q2": "rye bread", "q3": "fog horn built"}
    write_lines(folder / "queries.jsonl", [{"_id": k, "text": v} for k, v in queries.items()])
    rows = ["query-id\tcorpus-id\tscore", "q1\tferry/1\t2", "q1\tferry/2\t1", "q2\tbakery\t1"]
    (folder / "qrels").mkdir()
    (folder / "qrels/test.tsv").write_text("\n".join([*rows, "q3\tfog horn\t1", ""]))
    return folder


@pytest.fixture
def questions(tmp_path):
    folder = tmp_path / "town"
    write_lines(folder / "corpus.jsonl", corpus_lines())
    lines = [
        {"id": "a1", "question": "When was the fog horn of Marrow Point built?"},
        {"id": "a2", "question": "What does the bakery of Iris Vane sell?"},
        {"id": "a3", "question": "How much does the harbour master earn a month?"},
        {"id": "u1", "question": "Which orchestra performs Mahler on Saturdays?"},
        {"id": "u2", "question": "How much does the harbour master earn a month?"},
    ]
    documents = [
        {"answers": ["1931"], "gold": ["fog horn"]},
        {"answers": ["rye bread"], "gold": ["bakery"]},
        {
            "answers": ["four thousand crowns"],
            "gold": ["salary"],
            "principals": ["group:town/office"],
        },
        {"answerable": False},
        {"answerable": False},
    ]
    documents[1]["turns"] = [
        {"speaker": "user", "text": "Hello"},
        {"speaker": "agent", "text": "Hi"},
    ]
    write_lines(folder / "questions.jsonl", [a | b for a, b in zip(lines, documents, strict=True)])
    return folder


class CountingEmbedder(FakeEmbedder):
    """Remembers every text it was asked to embed."""

    def __init__(self):
        super().__init__(dimension=128)
        self.embedded_texts = []

    def embed(self, texts):
        self.embedded_texts.extend(texts)
        return super().embed(texts)


@pytest.fixture
def embedder():
    return CountingEmbedder()


@pytest.fixture
def dependencies(tmp_path, embedder):
    return CorpusDependencies(
        open_store=lambda folder: Shelf(folder, embedder=embedder).library,
        embedder=embedder,
        chunking=ChunkingConfig(),
        cache=tmp_path / "cache",
    )


@pytest.fixture
def answering(embedder):
    def make(library):
        retrieval = RetrievalDependencies(library, embedder, RetrievalConfig())
        return AnswerDependencies(
            retrieval=retrieval,
            model=None,
            verifier=AlignmentVerifier(embedder),
            quoter=Quoter(embedder, QuoteConfig()),
        )

    return make
