import threading
from collections import Counter
from dataclasses import replace

import pytest

from evaluate.datasets.corpus_ingestion import accept_document, corpus_id, crew
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
    found = list_documents(library, scope).items
    return {corpus_id(d.filename): get_text(library, scope, d.document_id) for d in found}


def test_every_document_becomes_searchable_under_its_own_id_with_its_text_unchanged(beir, parts):
    library = open_corpus(load_retrieval(beir), parts, progress=False)
    assert texts(library, OFFICE) == {key: text for key, _, text in CORPUS}


def test_a_documents_own_access_list_is_kept(beir, parts):
    library = open_corpus(load_retrieval(beir), parts, progress=False)
    assert "salary" not in texts(library, EVERYBODY)


def test_a_second_run_embeds_nothing(beir, parts, embedder):
    open_corpus(load_retrieval(beir), parts, progress=False)
    before = len(embedder.seen)
    open_corpus(load_retrieval(beir), parts, progress=False)
    assert len(embedder.seen) == before


def test_a_run_that_was_interrupted_embeds_only_what_is_missing(beir, parts, embedder):
    dataset = load_retrieval(beir)
    open_corpus(replace(dataset, corpus=dataset.corpus[:4]), parts, progress=False)
    (parts.cache / store_name(dataset, parts) / "complete.json").unlink()
    before = len(embedder.seen)
    library = open_corpus(dataset, parts, progress=False)
    assert len(texts(library, OFFICE)) == len(CORPUS)
    assert len(embedder.seen) - before == 2


def test_an_interrupt_stops_the_run_after_the_documents_in_hand(beir, parts, embedder):
    lines = [{"_id": f"x{i}", "text": f"Filler number {i}."} for i in range(30)]
    write_lines(beir / "corpus.jsonl", lines)
    library = parts.open_store(parts.cache)
    for document in load_retrieval(beir).corpus:
        accept_document(library, document)
    started = threading.Event()
    ingest = IngestDependencies(embedder, CorpusParser(), parts.chunking)
    worker = Worker(library, ingest, report_outcome=lambda outcome: started.set())

    def interrupted():
        with crew(library, worker):
            started.wait(10)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    states = Counter(job.state for job in list_jobs(library, SUBMITTER))
    assert 0 < states["succeeded"] < 30
    assert states["running"] == 0


def test_the_store_depends_on_corpus_embedder_and_chunking_but_not_on_the_questions(
    beir, questions, parts
):
    dataset = load_retrieval(beir)
    name = store_name(dataset, parts)
    other = store_name(dataset, replace(parts, chunking=ChunkingConfig(max_tokens=40)))
    assert other != name
    assert store_name(dataset, replace(parts, embedder=type(parts.embedder)())) == name
    changed = replace(dataset, corpus_fingerprint="0" * 64)
    assert store_name(changed, parts) != name
    assert store_name(load_questions(questions), parts).split("-")[-1] == name.split("-")[-1]


def test_a_title_is_context_and_no_title_adds_nothing(beir, parts, embedder):
    open_corpus(load_retrieval(beir), parts, progress=False)
    by_text = dict.fromkeys(embedder.seen)
    assert "Bread\nThe bakery of Iris Vane sells rye bread. It opens at six." in by_text
    assert "The old ferry sank in a storm in 1887. Nobody was hurt." in by_text


def test_a_document_without_text_stands_by_its_title_and_one_with_neither_is_left_out(beir, parts):
    lines = [{"_id": "t", "title": "Only a title"}, {"_id": "nothing", "text": " "}]
    write_lines(beir / "corpus.jsonl", [*corpus_lines(), *lines])
    library = open_corpus(load_retrieval(beir), parts, progress=False)
    found = texts(library, EVERYBODY)
    assert found["t"] == "Only a title"
    assert "nothing" not in found


def test_an_id_that_makes_no_file_name_is_refused(beir, parts):
    write_lines(beir / "corpus.jsonl", [*corpus_lines(), {"_id": "x" * 300, "text": "long"}])
    with pytest.raises(InvalidDatasetError, match="too long"):
        open_corpus(load_retrieval(beir), parts, progress=False)


def test_a_corpus_that_cannot_be_ingested_says_which_document(beir, parts, embedder):
    class Refusing(type(embedder)):
        def embed(self, texts):
            raise InvalidDatasetError("The model refuses this text.")

    refusing = replace(parts, embedder=Refusing())
    with pytest.raises(EvaluationError, match=r"could not be ingested.*The model refuses"):
        open_corpus(load_retrieval(beir), refusing, progress=False)


def test_the_parser_keeps_text_and_finds_paragraphs(tmp_path):
    file = tmp_path / "x"
    file.write_text("  One\nstill one.\n \nTwo.\n\n", encoding="utf-8")
    parsed = CorpusParser().parse(file, "x")
    assert parsed.text == "  One\nstill one.\n \nTwo.\n\n"
    assert [parsed.text[b.start : b.end] for b in parsed.blocks] == ["One\nstill one.", "Two."]
