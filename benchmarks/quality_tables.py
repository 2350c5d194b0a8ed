"""The battery's figures as the tables of docs/quality.md."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Rows = Mapping[str, dict[str, Any]]

PUBLISHED = {
    "scifact": "BM25 .679 [1]; all-MiniLM-L6-v2 .645 [2]",
    "nfcorpus": "BM25 .322 [1]; all-MiniLM-L6-v2 .316 [2]",
    "wice": "T5-3B fine-tuned .947, GPT-4 .802 on 100 claims of the test split [3]",
}
SOURCES = """\
Sources: [1] Anserini's reproductions of BEIR (flat BM25). [2] Reimers and Gurevych's model as
reported on MTEB. [3] Kamoi et al., WiCE (2023). Published figures are the authors', on whole
documents where ours are cut into chunks, and are not measured here."""
TITLES = {
    "scifact": "SciFact",
    "nfcorpus": "NFCorpus",
    "squad2_cs224n": "SQuAD 2, paragraphs",
    "clapnq-mixed": "ClapNQ over all four corpora",
}


def write_tables(rows: Rows, file: Path) -> None:
    """Write every table, between the markers where the file has them."""
    text = tables(rows)
    begin, end = "<!-- begin public -->", "<!-- end public -->"
    if not file.exists():
        file.write_text(f"{begin}\n{text}\n{end}\n")
        return
    held = file.read_text()
    if begin not in held:
        sys.exit(f"{file} has no markers {begin} and {end}; it is left as it is.")
    pattern = re.compile(f"{begin}.*?{end}", re.DOTALL)
    file.write_text(pattern.sub(lambda _: f"{begin}\n{text}\n{end}", held))


def tables(rows: Rows) -> str:
    """Return all tables as Markdown."""
    total = sum(row["seconds"] for row in rows.values())
    told = f"All pieces together took {total / 60:.0f} minutes."
    parts = [retrieval(rows), answers(rows), verifier(rows), SOURCES, told]
    return "\n\n".join(part for part in parts if part)


def retrieval(rows: Rows) -> str:
    """Return one row for each retrieval set: the legs, RRF, and what is shipped."""
    head = (
        "| nDCG@10 | questions | BM25 alone | dense alone | RRF | as shipped | 95 % | recall@100 "
        "| shipped - better leg | published |"
    )
    lines = [
        head,
        "| --- | ---: | ---: | ---: | ---: | ---: | --- | ---: | ---: | --- |",
    ]
    for name, row in rows.items():
        if "legs" not in row:
            continue
        legs = {leg: figures["ndcg@10"] for leg, figures in row["legs"].items()}
        shipped = row["shipped"]["metrics"]["ndcg@10"]
        better = shipped - max(legs["bm25"], legs["dense"])
        lines.append(
            f"| {TITLES.get(name, name)} | {row['shipped']['counts']['queries']} | "
            f"{_f(legs['bm25'])} | {_f(legs['dense'])} | {_f(legs['rrf'])} | **{_f(shipped)}** | "
            f"{_span(row, 'ndcg@10')} | {_f(row['shipped']['metrics']['recall@100'])} | "
            f"{better:+.3f} | {PUBLISHED.get(name, '')} |"
        )
    return "\n".join(lines) if len(lines) > 2 else ""


ANSWERS = (
    "answer_in_quote@2", "citation_precision", "citation_recall", "evidence_precision",
    "evidence_recall", "context_recall", "rouge_l", "abstention_auroc", "abstention_f1",
)  # fmt: skip


def answers(rows: Rows) -> str:
    """Return one row for each figure of the answers."""
    held = {name: row for name, row in rows.items() if name.endswith("-answers")}
    if not held:
        return ""
    counts = {
        name: f"{name.removesuffix('-answers')} ({row['shipped']['counts']['questions']}, "
        f"{row['shipped']['counts']['unanswerable']} unanswerable)"
        for name, row in held.items()
    }
    lines = [
        f"| answers | {' | '.join(counts.values())} |",
        f"| --- |{' ---: |' * len(held)}",
    ]
    for metric in ANSWERS:
        cells = [
            f"{_f(row['shipped']['metrics'].get(metric))} {_span(row, metric)}".strip()
            for row in held.values()
        ]
        lines.append(f"| `{metric}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def verifier(rows: Rows) -> str:
    """Return the verifier's figures."""
    if "wice" not in rows:
        return ""
    row = rows["wice"]
    figures = row["shipped"]["metrics"]
    return (
        f"| WiCE, oracle chunks ({row['shipped']['counts']['claims']} claims) | figure "
        "| published |\n"
        "| --- | --- | --- |\n"
        f"| AUROC, supported against the rest | **{_f(figures['auroc'])}** {_span(row, 'auroc')} | "
        f"{PUBLISHED['wice']} |\n"
        f'| accuracy of "supported" | {_f(figures["accuracy"])} | |'
    )


def _f(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}".replace("0.", ".", 1)


def _span(row: dict[str, Any], metric: str) -> str:
    span = row["shipped"]["intervals"].get(metric)
    return f"[{_f(span['low'])}, {_f(span['high'])}]" if span else ""
