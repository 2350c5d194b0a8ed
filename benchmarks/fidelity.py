"""How much of a file's text and tables comes out, ours and others'.

``python -m benchmarks.fidelity DIR --others PYTHON``. DIR holds docling's files with reference
Markdown under ``groundtruth`` and markitdown's with ``markitdown_expect.jsonl``. All readers read
the same files in one run. Prints for each format: normalised edit similarity (1 - Levenshtein
distance / length of the longer; marks of Markdown, case and white space aside), recall of the
reference's table cells (each as often as it stands there), and then markitdown's strings. A file
that a reader cannot read counts as 0.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from rapidfuzz.distance import Levenshtein

from benchmarks.readers import OURS, Read, Reader, cells_of, plain

COMPARED = (OURS, "unstructured", "markitdown")


@dataclass(frozen=True, slots=True)
class Score:
    file: str
    similarity: float
    cells: float | None
    error: str


def references(folder: Path) -> list[tuple[Path, Path]]:
    """Return docling's files that have a reference, and the reference."""
    pairs: list[tuple[Path, Path]] = []
    for source in sorted((folder / "docling").rglob("*")):
        place = source.parent.parent / "groundtruth"
        for name in (f"{source.name}.md", f"{source.stem}.md"):
            reference = place / name
            if source.is_file() and source.parent != place and reference.exists():
                pairs.append((source, reference))
                break
    return pairs


def score(source: Path, reference: str, reading: Read) -> Score:
    wanted, held = plain(reference).casefold(), plain(reading.text).casefold()
    cells = Counter(cells_of(reference))
    found = (cells & Counter(reading.cells)).total() / cells.total() if cells else None
    similarity = Levenshtein.normalized_similarity(wanted, held)
    return Score(str(source), similarity, found, reading.error)


def ending(path: str) -> str:
    return Path(path).suffix.lower().lstrip(".")


def table(scores: dict[str, list[Score]]) -> list[str]:
    names = list(scores)
    kinds = Counter(ending(one.file) for one in scores[OURS])
    lines = [
        "| ending | files | " + " | ".join(f"text: {n}" for n in names) + " | with tables | "
        + " | ".join(f"cells: {n}" for n in names) + " |",
        "| --- " * (3 + 2 * len(names)) + "|",
    ]  # fmt: skip
    for kind in [*sorted(kinds), "all"]:
        mine = {n: [s for s in scores[n] if kind in ("all", ending(s.file))] for n in names}
        text = [f"{mean(s.similarity for s in mine[n]):.3f}" for n in names]
        held = {n: [s.cells for s in mine[n] if s.cells is not None] for n in names}
        cells = [f"{mean(held[n]):.3f}" if held[n] else "" for n in names]
        count = len(held[OURS]) or ""
        lines.append(
            f"| {kind} | {len(mine[OURS])} | {' | '.join(text)} | {count} | {' | '.join(cells)} |"
        )
    return lines


def expected(folder: Path, readers: list[Reader]) -> list[str]:
    """Look for markitdown's strings as text; what is only a mark of Markdown is named apart."""
    found: dict[str, dict[str, int]] = defaultdict(Counter)
    missed: dict[str, list[str]] = defaultdict(list)
    unwanted: dict[str, Counter[str]] = defaultdict(Counter)
    texts: dict[tuple[str, str], str] = {}
    lines = (folder / "markitdown_expect.jsonl").read_text().splitlines()
    for case in map(json.loads, lines):
        name = case["filename"]
        path = next((folder / "markitdown").rglob(name))
        for reader in readers:
            if (reader.name, name) not in texts:
                texts[reader.name, name] = plain(reader.read(path).text).casefold()
            text = texts[reader.name, name]
            for wanted in filter(_is_text, case["must_include"]):
                if plain(wanted).casefold() in text:
                    found[name][reader.name] += 1
                elif reader.name == OURS:
                    missed[name].append(wanted)
            bad = (plain(u).casefold() for u in case["must_not_include"] if _is_text(u))
            unwanted[name][reader.name] += sum(u in text for u in bad)
    rows = ["| file | " + " | ".join(r.name for r in readers) + " | we miss |"]
    rows.append("| --- " * (len(readers) + 2) + "|")
    for name in sorted(texts for _, texts in {(0, n) for _, n in texts}):
        shown = [f"{found[name][r.name]}" + f" ({unwanted[name][r.name]} unwanted)" * bool(
            unwanted[name][r.name]) for r in readers]  # fmt: skip
        rows.append(f"| {name} | {' | '.join(shown)} | {'; '.join(missed[name])} |")
    return rows


def _is_text(wanted: str) -> bool:
    """Tell text from marks alone, and from pictures' bytes."""
    shown = plain(wanted)
    return bool(shown) and "data:image" not in shown


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--others", required=True, help="a Python that has the other readers")
    arguments.add_argument("--details", type=Path, help="write a JSON line for each file")
    arguments.add_argument("--readers", nargs="+", default=COMPARED)
    arguments.add_argument("--only", default="", help="read only files whose path holds this")
    options = arguments.parse_args()
    pairs = [p for p in references(options.folder) if options.only in str(p[0])]
    scores: dict[str, list[Score]] = {name: [] for name in options.readers}
    with ExitStack() as stack:
        readers = [stack.enter_context(Reader(name, options.others)) for name in options.readers]
        for number, (source, reference) in enumerate(pairs, start=1):
            print(f"\r{number} of {len(pairs)}", end="", file=sys.stderr, flush=True)
            for reader in readers:
                reading = reader.read(source)
                scores[reader.name].append(score(source, reference.read_text(), reading))
        print("\n".join(table(scores)), end="\n\n")
        if not options.only:
            print("\n".join(expected(options.folder, readers)))
    if options.details:
        records = (
            {"reader": name, "file": str(Path(s.file).relative_to(options.folder)),
             "similarity": round(s.similarity, 4), "cells": s.cells, "error": s.error}
            for name, some in scores.items() for s in some
        )  # fmt: skip
        options.details.write_text("".join(json.dumps(record) + "\n" for record in records))


if __name__ == "__main__":
    main()
