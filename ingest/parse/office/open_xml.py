"""Code for all kinds of Open XML packages: dialects, relationships, charts, text aside."""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from typing import Any

from ingest.errors import ParseError
from ingest.parse.common.document_builder import TextPiece
from ingest.parse.common.xml import local_name, safe_tree
from ingest.parse.office.cells.number_formats import show

_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(\w+)")
_MACROS = re.compile(rb"application/vnd\.ms-word\.(?:document|template)\.macroEnabled\.main\+xml")
_TEMPLATE = b"wordprocessingml.template.main+xml"
_CHART = re.compile(r"(?:xl|word)/charts/chart\d*\.xml")
_ASIDE = re.compile(
    r"xl/(?:drawings/drawing|comments/?\D*)\d*\.xml|ppt/comments/.+\.xml"
    r"|(?:word|xl|ppt)/diagrams/data\d*\.xml"
)
_MOST_CHART_ROWS = 10_000


def usual(data: bytes) -> bytes:
    """Return a package in the dialect that libraries read.

    ISO 29500 Strict becomes Transitional; a Word template or a document with macros becomes a
    document. Other packages come back as they are.
    """
    with zipfile.ZipFile(BytesIO(data)) as archive:
        names = set(archive.namelist())
        signs = b"".join(
            archive.read(name) for name in ("[Content_Types].xml", "_rels/.rels") if name in names
        )
        if not (_STRICT.search(signs) or _MACROS.search(signs) or _TEMPLATE in signs):
            return data
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
            for name in sorted(names):
                content = archive.read(name)
                if name.endswith((".xml", ".rels")):
                    content = _rewritten(content)
                package.writestr(name, content)
    return out.getvalue()


def _rewritten(content: bytes) -> bytes:
    document = b"wordprocessingml.document.main+xml"
    whole = b"application/vnd.openxmlformats-officedocument." + document
    content = _MACROS.sub(whole, content).replace(_TEMPLATE, document)
    return _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/\2", content)


def targets_of(archive: zipfile.ZipFile, relations: str, types: tuple[str, ...]) -> dict[str, str]:
    """Return the names of the parts that a part refers to, by the id of the relationship.

    ``relations`` names its relationships; ``types`` are endings of those that count.

    Raises:
        ParseError: they cannot be read safely.

    """
    folder = posixpath.dirname(posixpath.dirname(relations))
    return {
        element.get("Id", ""): posixpath.normpath(
            posixpath.join(folder, element.get("Target", ""))
        ).removeprefix("/")
        for element in safe_tree(archive.read(relations))
        if element.get("Type", "").endswith(types)
    }


def pieces_of_extras(data: bytes) -> Iterator[TextPiece]:
    """Yield charts as tables, then comments and text in drawings; what is damaged is left out."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        for name in archive.namelist():
            with suppress(ParseError, zipfile.BadZipFile, OSError):
                yield from _extra(archive, name)


def _extra(archive: zipfile.ZipFile, name: str) -> Iterator[TextPiece]:
    if _CHART.fullmatch(name):
        yield from pieces_of_chart(archive.read(name))
    elif _ASIDE.fullmatch(name):
        yield TextPiece("paragraph", "\n".join(_lines(safe_tree(archive.read(name)))))


def _lines(tree: Any) -> Iterator[str]:
    for element in tree.iter():
        if local_name(element) in {"p", "comment", "cm"}:
            inner = [run for run in element.iter() if local_name(run) in {"t", "text"}]
            yield " ".join("".join(run.text or "" for run in inner).split())


def pieces_of_chart(data: bytes) -> Iterator[TextPiece]:
    """Yield a chart's title and its numbers: a column for each series, a row for each category."""
    tree = safe_tree(data)
    title = next((element for element in tree.iter() if local_name(element) == "title"), None)
    if title is not None:
        yield TextPiece("paragraph", "".join(p.text or "" for p in title.iter() if _is(p, "t")))
    head = [""]
    rows: dict[int, dict[int, str]] = {}
    for series in (element for element in tree.iter() if local_name(element) == "ser"):
        head.append(" ".join(_points(series, "tx").values()))
        for point, name in (_points(series, "cat") or _points(series, "xval")).items():
            rows.setdefault(point, {})[0] = name
        for point, value in (_points(series, "val") or _points(series, "yval")).items():
            rows.setdefault(point, {})[len(head) - 1] = value
    lines = [
        " | ".join(rows[point].get(column, "") for column in range(len(head)))
        for point in sorted(rows)[:_MOST_CHART_ROWS]
    ]
    if lines:
        yield TextPiece("table", "\n".join([" | ".join(head), *lines]))


def _is(element: Any, name: str) -> bool:
    return local_name(element) == name


def _points(series: Any, name: str) -> dict[int, str]:
    """Return the values kept with a reference to cells, by their number."""
    values: dict[int, str] = {}
    for holder in (child for child in series if _is(child, name)):
        for value in (element for element in holder.iter() if _is(element, "v")):
            number = value.getparent().get("idx", "0")
            values[int(number) if number.isdigit() else len(values)] = _shown(value)
    return values


def _shown(value: Any) -> str:
    """Return a number kept in a chart as the format that is kept with it shows it."""
    point, text = value.getparent(), value.text or ""
    cache = point.getparent()
    if cache is None or local_name(cache) not in {"numcache", "numlit"}:
        return text
    code = next((element.text for element in cache if _is(element, "formatcode")), None)
    try:
        return show(float(text), point.get("formatCode") or code)
    except ValueError:
        return text
