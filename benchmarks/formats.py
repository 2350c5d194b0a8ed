"""Report how each file of a folder is read: ``python benchmarks/formats.py DIR``.

DIR holds files of Apache Tika, docling (with reference Markdown under ``groundtruth``) and
markitdown (with ``markitdown_expect.jsonl``). Each file is read in a child of the sandbox.
Prints three Markdown tables: outcomes by format, markitdown's strings, docling's words.
"""

import argparse
import json
import re
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import (
    BrokenDocumentError,
    EmptyDocumentError,
    EncryptedDocumentError,
    ParseError,
    ParseLimitError,
    UnsupportedTypeError,
)
from ingest.sandbox.parser import ParseLimits, SandboxedParser

OUTCOMES = ("text", "empty", "encrypted", "unsupported", "broken", "over limit", "crash")
_NAMES = {
    EmptyDocumentError: "empty",
    EncryptedDocumentError: "encrypted",
    UnsupportedTypeError: "unsupported",
    BrokenDocumentError: "broken",
    ParseLimitError: "over limit",
}
_MARKS = re.compile(
    r"!\[([^\]]*)\]\([^)]*\)|\[([^\]]*)\]\([^)]*\)|<!--.*?-->|^> |[\[\]!*_`#|\\]",
    re.DOTALL | re.MULTILINE,
)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Outcome:
    path: Path
    name: str
    text: str
    message: str
    seconds: float


def read(parser: SandboxedParser, path: Path) -> Outcome:
    begin = time.monotonic()
    text, message = "", ""
    try:
        text, name = parser.parse(path, path.name).text, "text"
    except ParseError as error:
        message = str(error)
        name = "crash" if "brought its parser" in message else _NAMES[type(error)]
    except Exception as error:  # noqa: BLE001 - what is counted here is exactly the unexpected
        name, message = "crash", repr(error)
    return Outcome(path, name, text, message, time.monotonic() - begin)


def ending(path: Path) -> str:
    return path.suffix.lower().lstrip(".") or "none"


def outcome_table(outcomes: list[Outcome]) -> list[str]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for outcome in outcomes:
        counts[ending(outcome.path)][outcome.name] += 1
        counts["all"][outcome.name] += 1
    rows = sorted(counts, key=lambda name: (-counts[name].total(), name))
    lines = ["| ending | files | " + " | ".join(OUTCOMES) + " |", "| --- " * 9 + "|"]
    for name in rows:
        row = counts[name]
        shown = " | ".join(str(row[kind] or "") for kind in OUTCOMES)
        lines.append(f"| {name} | {row.total()} | {shown} |")
    return lines


def plain(markdown: str) -> str:
    """Take the marks of Markdown out: what is compared is text."""
    return " ".join(_MARKS.sub(lambda found: f" {found[1] or found[2] or ''} ", markdown).split())


def expected(folder: Path, outcomes: list[Outcome]) -> list[str]:
    """Look for markitdown's strings; links to data are marks of Markdown, not text."""
    texts = {o.path.name: plain(o.text) for o in outcomes if "markitdown" in o.path.parts}
    found: dict[str, set[str]] = defaultdict(set)
    missed: dict[str, set[str]] = defaultdict(set)
    for line in (folder / "markitdown_expect.jsonl").read_text().splitlines():
        case = json.loads(line)
        for wanted in case["must_include"]:
            shown = plain(wanted)
            if not shown or shown.startswith("data:"):
                continue
            hit = shown in texts.get(case["filename"], "")
            (found if hit else missed)[case["filename"]].add(shown)
    lines = ["| file | found | missing |", "| --- | --- | --- |"]
    for name in sorted(found | missed):
        shown = "; ".join(sorted(missed[name]))
        lines.append(f"| {name} | {len(found[name])} | {shown} |")
    return lines


def recall(folder: Path, outcomes: list[Outcome]) -> list[str]:
    """Share of the words of docling's Markdown that are found, each as often as it stands there."""
    shares: dict[str, list[float]] = defaultdict(list)
    for outcome in outcomes:
        if "docling" not in outcome.path.relative_to(folder).parts or outcome.name != "text":
            continue
        place = outcome.path.parent.parent / "groundtruth"
        for reference in (place / f"{outcome.path.name}.md", place / f"{outcome.path.stem}.md"):
            if reference.exists() and reference != outcome.path:
                wanted = Counter(_WORD.findall(plain(reference.read_text()).casefold()))
                held = Counter(_WORD.findall(plain(outcome.text).casefold()))
                if wanted:
                    shares[ending(outcome.path)].append((wanted & held).total() / wanted.total())
                break
    lines = ["| ending | files | words found, mean | least |", "| --- | --- | --- | --- |"]
    for name, values in sorted(shares.items()):
        mean = sum(values) / len(values)
        lines.append(f"| {name} | {len(values)} | {mean:.3f} | {min(values):.3f} |")
    return lines


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--seconds", type=int, default=60, help="wall-clock limit for a file")
    arguments.add_argument("--details", type=Path, help="write a JSON line for each file")
    options = arguments.parse_args()
    folder = options.folder.resolve()
    paths = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.parent != folder and "groundtruth" not in path.parts
    ]
    limits = ParseLimits(wall_seconds=options.seconds, cpu_seconds=options.seconds)
    outcomes: list[Outcome] = []
    with SandboxedParser(limits) as parser:
        for number, path in enumerate(paths, start=1):
            outcomes.append(read(parser, path))
            print(f"\r{number} of {len(paths)}", end="", file=sys.stderr, flush=True)
    if options.details:
        records = (
            {"file": str(o.path.relative_to(folder)), "outcome": o.name, "message": o.message,
             "letters": len(o.text), "seconds": round(o.seconds, 2)}
            for o in outcomes
        )  # fmt: skip
        options.details.write_text("".join(json.dumps(record) + "\n" for record in records))
    slowest = max(outcomes, key=lambda outcome: outcome.seconds)
    print(f"\n{len(outcomes)} files; the slowest took {slowest.seconds:.1f} s.\n")
    for table in (outcome_table(outcomes), expected(folder, outcomes), recall(folder, outcomes)):
        print("\n".join(table), end="\n\n")


if __name__ == "__main__":
    main()
