import threading
from collections import Counter
from dataclasses import replace

import pytest

from evaluate.datasets.corpus_ingestion import accept_document, corpus_id, running_workers
from evaluate.datasets.corpus_parser import CorpusParser
from evaluate.datasets.corpus_store import open_corpus, store_name
from evaluate.datasets.loading import load_questions, load_retrieval
from evaluate.errors import EvaluationError, InvalidDatasetError
from index.documents import get_text, list_documents
from index.types import Actor, Scope
from ingest.chunking.chunker import ChunkingConfig
from ingest.pipeline import IngestDependencies
from ingest.queue.jobs import list_jobs
from ingest.worker import Worker
from tests.evaluate.conftest import CORPUS, corpus_lines, write_lines

EVERYBODY = Scope.of("default", [])
SUBMITTER = Actor(Scope.of("default", ["user:evaluation"]), "user:evaluation")
OFFICE = Scope.of("default", ["group:town/office"])


def texts(library, scope):
    documents = list_documents(library, scope).items
    return {corpus_id(d.filename): get_text(library, scope, d.document_id) for d in documents}


def test_every_document_becomes_searchable_under_its_own_id_with_its_text_unchanged(
    beir, dependencies
):
    library = open_corpus(load_retrieval(beir), dependencies, progress=False)
    assert texts(library, OFFICE) == {key: text for key, _, text in CORPUS}


def test_a_documents_own_access_list_is_kept(beir, dependencies):
    library = open_corpus(load_retrieval(beir), dependencies, progress=False)
    assert "salary" not in texts(library, EVERYBODY)


def test_a_second_run_embeds_nothing(beir, dependencies, embedder):
    open_corpus(load_retrieval(beir), dependencies, progress=False)
    before = len(embedder.embedded_texts)
    open_corpus(load_retrieval(beir), dependencies, progress=False)
    assert len(embedder.embedded_texts) == before


def test_a_run_that_was_interrupted_embeds_only_what_is_missing(beir, dependencies, embedder):
    dataset = load_retrieval(beir)
    open_corpus(replace(dataset, corpus=dataset.corpus[:4]), dependencies, progress=False)
    (dependencies.cache / store_name(dataset, dependencies) / "complete.json").unlink()
    before = len(embedder.embedded_texts)
    library = open_corpus(dataset, dependencies, progress=False)
    assert len(texts(library, OFFICE)) == len(CORPUS)
    assert len(embedder.embedded_texts) - before == 2


def test_an_interrupt_stops_the_run_after_the_documents_in_hand(beir, dependencies, embedder):
    lines = [{"_id": f"x{i}", "text": f"Filler number {i}."} for i in range(30)]
    write_lines(beir / "corpus.jsonl", lines)
    library = dependencies.open_store(dependencies.cache)
    for document in load_retrieval(beir).corpus:
        accept_document(library, document)
    started = threading.Event()
    ingest = IngestDependencies(embedder, CorpusParser(), dependencies.chunking)
    worker = Worker(library, ingest, report_outcome=lambda outcome: started.set())

    def interrupted():
        with running_workers(library, worker):
            started.wait(10)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    states = Counter(job.state for job in list_jobs(library.database, SUBMITTER))
    assert 0 < states["succeeded"] < 30
    assert states["running"] == 0


def test_the_store_depends_on_corpus_embedder_and_chunking_but_not_on_the_questions(
    beir, questions, dependencies
):
    dataset = load_retrieval(beir)
    name = store_name(dataset, dependencies)
    other = store_name(dataset, replace(dependencies, chunking=ChunkingConfig(max_tokens=40)))
    assert other != name
    assert (
        store_name(dataset, replace(dependencies, embedder=type(dependencies.embedder)())) == name
    )
    changed_dataset = replace(dataset, corpus_fingerprint="0" * 64)
    assert store_name(changed_dataset, dependencies) != name
    assert store_name(load_questions(questions), dependencies).split("-")[-1] == name.split("-")[-1]


def test_a_title_is_context_and_no_title_adds_nothing(beir, dependencies, embedder):
    open_corpus(load_retrieval(beir), dependencies, progress=False)
    by_text = dict.fromkeys(embedder.embedded_texts)
    assert "Bread\nThe bakery of Iris Vane sells rye bread. It opens at six." in by_text
    assert "The old ferry sank in a storm in 1887. Nobody was hurt." in by_text


def test_a_document_without_text_stands_by_its_title_and_one_with_neither_is_left_out(
    beir, dependencies
):
    lines = [{"_id": "t", "title": "Only a title"}, {"_id": "nothing", "text": " "}]
    write_lines(beir / "corpus.jsonl", [*corpus_lines(), *lines])
    library = open_corpus(load_retrieval(beir), dependencies, progress=False)
    stored_texts = texts(library, EVERYBODY)
    assert stored_texts["t"] == "Only a title"
    assert "nothing" not in stored_texts


def test_an_id_that_makes_no_file_name_is_refused(beir, dependencies):
    write_lines(beir / "corpus.jsonl", [*corpus_lines(), {"_id": "x" * 300, "text": "long"}])
    with pytest.raises(InvalidDatasetError, match="too long"):
        open_corpus(load_retrieval(beir), dependencies, progress=False)


def test_a_corpus_that_cannot_be_ingested_says_which_document(beir, dependencies, embedder):
    class Refusing(type(embedder)):
        def embed(self, texts):
            raise InvalidDatasetError("The model refuses this text.")

    refusing = replace(dependencies, embedder=Refusing())
    with pytest.raises(EvaluationError, match=r"could not be ingested.*The model refuses"):
        open_corpus(load_retrieval(beir), refusing, progress=False)


def test_the_parser_keeps_text_and_finds_paragraphs(tmp_path):
    file = tmp_path / "x"
    file.write_text("  One\nstill one.\n \nTwo.\n\n", encoding="utf-8")
    parsed_document = CorpusParser().parse(file, "x")
    assert parsed_document.text == "  One\nstill one.\n \nTwo.\n\n"
    assert [parsed_document.text[b.start : b.end] for b in parsed_document.blocks] == [
        "One\nstill one.",
        "Two.",
    ]
