"""Questions about single cells of five tables: the right row, a wrong one, or none.

    python -m benchmarks.cells

The tables are made here: two with a key in the first column, one with the years as columns, one of
three hundred rows, one with abbreviations in its cells. Each question names a row and a column,
some in other forms than the table. A wrong row is one of the tables' that is not the asked one,
quoted beside or instead of it.
"""

import argparse
import json
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from api.composition.embedding_model import load_embedder
from api.composition.evaluation import EvaluationFolders, answering_builder, build_corpus
from api.settings import Settings
from evaluate.datasets.corpus_store import open_corpus
from evaluate.datasets.loading import load_questions
from evaluate.datasets.sample_scope import scope_of
from generate.answer import answer

BOATS = [
    ("Boat", "Skipper", "Berth", "Length", "Home port"),
    ("Alka", "Vik Moe", "14", "11 m", "Tindvik"),
    ("Bris", "Ida Lie", "15", "9 m", "Skarholm"),
    ("Terne", "Ola Berg", "16", "14 m", "Tindvik"),
    ("Havgull", "Siri Dahl", "21", "8 m", "Osvik"),
    ("Lomvi", "Per Ness", "22", "17 m", "Skarholm"),
    ("Skarv", "Eva Vold", "23", "12 m", "Osvik"),
]
OPENING = [
    ("Day", "Office", "Museum", "Bath"),
    ("Monday", "8-16", "closed", "7-20"),
    ("Tuesday", "8-18", "10-17", "7-21"),
    ("Wednesday", "closed", "10-17", "6-20"),
    ("Thursday", "8-16", "10-20", "closed"),
    ("Friday", "9-14", "11-17", "7-19"),
]
CATCH = [
    ("Fish", "2021", "2022", "2023"),
    ("Cod", "410", "395", "402"),
    ("Herring", "80", "122", "131"),
    ("Mackerel", "55", "61", "48"),
    ("Sea trout", "7", "9", "11"),
]
STREETS = [
    ("Name", "Street", "Town", "Phone"),
    ("Dr. A. Lund", "St. Olav Rd. 4", "Osvik", "555 01"),
    ("Prof. B. Moe", "Havneg. 12", "Tindvik", "555 02"),
    ("Capt. C. Dahl", "Mt. Skar Ave. 3", "Skarholm", "555 03"),
]
MAKERS = ("Norvik", "Altes")
PARTS = [
    ("Part no.", "Name", "Weight (g)", "Shelf", "Maker"),
    *(
        (f"QR-{2000 + n}", f"Pin {n}", str(20 + 7 * n % 90), str(n % 23), MAKERS[n % 2])
        for n in range(300)
    ),
]


def questions() -> Iterator[tuple[str, str, str]]:
    """Yield question, row and cell."""
    chance = random.Random(4)
    forms = {
        "Skipper": "Who is the skipper of the {row}?",
        "Berth": "In which berth lies the {row}?",
        "Length": "What is the length of {row}?",
        "Home port": "What is the home port of the {row}?",
        "Office": "When is the office open on {row}?",
        "Museum": "What are the opening hours of the museum on {row}?",
        "Bath": "On {row}, when can one use the bath?",
        "Street": "What is the street of {row}?",
        "Town": "In which town does {row} live?",
        "Phone": "What is the phone number of {row}?",
        "Weight (g)": "What is the weight of {row}?",
        "Shelf": "On which shelf is {row}?",
        "Maker": "Which maker delivers {row}?",
        "Name": "What is the name of part {row}?",
    }
    for table in (BOATS, OPENING, STREETS):
        cells = [(row, column) for row in table[1:] for column in range(1, len(row))]
        for row, column in chance.sample(cells, min(len(cells), 12)):
            yield forms[table[0][column]].format(row=row[0]), " | ".join(row), row[column]
    for row in CATCH[1:]:
        for column in (1, 2, 3):
            question = f"How much {row[0].lower()} was caught in {CATCH[0][column]}?"
            yield question, " | ".join(row), row[column]
    for row in chance.sample(PARTS[1:], 21):
        column = chance.randrange(1, 5)
        yield forms[PARTS[0][column]].format(row=row[0]), " | ".join(row), row[column]


def write_set(folder: Path) -> None:
    """Write the tables and questions as a question set."""
    tables = {"boats": BOATS, "opening": OPENING, "catch": CATCH, "people": STREETS, "parts": PARTS}
    with (folder / "corpus.jsonl").open("w") as corpus:
        for name, table in tables.items():
            text = "\n".join(" | ".join(row) for row in table)
            corpus.write(json.dumps({"_id": name, "title": name.title(), "text": text}) + "\n")
    with (folder / "questions.jsonl").open("w") as out:
        for number, (question, row, cell) in enumerate(questions()):
            line = {"id": str(number), "question": question, "answers": [cell], "gold": [],
                    "answerable": True, "evidence": [[row]]}  # fmt: skip
            out.write(json.dumps(line) + "\n")


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_set(folder)
        settings = Settings(data=folder / "store", cache=folder / "stores")
        embedder = load_embedder(settings)
        corpus = build_corpus(EvaluationFolders.of(settings), embedder)
        dataset = load_questions(folder)
        dependencies = answering_builder(settings, embedder)(open_corpus(dataset, corpus))
        counts: Counter[str] = Counter()
        for sample, (question, row, cell) in zip(dataset.samples, questions(), strict=True):
            reply = answer(question, scope_of(sample), dependencies)
            rows = [sentence.text for sentence in reply.sentences]
            spans = [reply.text[h.start : h.end] for s in reply.sentences for h in s.highlights]
            right = row in rows
            wrong = any(quoted != row for quoted in rows)
            counts["right row"] += right
            counts["right row alone"] += right and not wrong
            counts["wrong row"] += wrong
            counts["cell highlighted"] += cell in spans
            counts["no answer"] += not rows
            counts["questions"] += 1
            if not right or wrong:
                print(f"{question} -> {reply.status} {rows}", flush=True)
        print(dict(counts))


if __name__ == "__main__":
    main()
