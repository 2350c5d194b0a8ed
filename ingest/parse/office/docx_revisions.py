"""Word's markup made plain before it is read: what a reader sees of changes, controls, formulas.

python-docx, which unstructured stands on, sees only runs that stand directly in a paragraph, and
paragraphs that stand directly in the body. So inserted text and content controls are lifted out
of their wrappers, what was moved away or deleted is taken out, and formulas become runs of text.
Source: ECMA-376-1, sections 17.5.2 (controls), 17.13.5 (revisions), 22.1 (formulas).
"""

import re
import zipfile
from io import BytesIO
from typing import Any

from ingest.errors import ParseError
from ingest.parse.common.formulas import formula_text
from ingest.parse.common.xml import local_name, safe_tree
from ingest.parse.office.docx_runs import DocxStyles, rewrite_runs

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_STORIES = re.compile(r"word/(?:document\d*|header\d*|footer\d*|footnotes|endnotes|comments)\.xml")
_MARKS = re.compile(
    rb"[<:](?:ins|del|moveTo|moveFrom|sdt|smartTag|customXml|fldSimple|oMath|oMathPara"
    rb"|strike|dstrike|vanish|hidden|vertAlign|position|sym)[\s>/]"
    rb"|[\"'](?:Symbol|Wingdings|Webdings)[ \d]*[\"']"
)
_LIFTED = tuple(f"{_W}{name}" for name in ("ins", "moveTo", "smartTag", "customXml", "fldSimple"))
_TAKEN_OUT = tuple(f"{_W}{name}" for name in ("del", "moveFrom"))


def plain_package(data: bytes) -> bytes:
    """Return a DOCX as it reads with all changes accepted; the same bytes where nothing changes."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        styles = DocxStyles.of_package(archive)
        stories = {
            name: new_content
            for name in archive.namelist()
            if _STORIES.fullmatch(name) and (new_content := _plain(archive.read(name), styles))
        }
        if not stories:
            return data
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
            for name in dict.fromkeys(archive.namelist()):
                package.writestr(name, stories.get(name) or archive.read(name))
    return out.getvalue()


def _plain(content: bytes, styles: DocxStyles) -> bytes | None:
    """Return a story without wrappers; None where it has none, or cannot be read safely."""
    from lxml import etree

    if not _MARKS.search(content) and not styles.change_text:
        return None
    try:
        tree = safe_tree(content)
    except ParseError:
        return None
    for element in list(tree.iter(*_TAKEN_OUT)):
        _replace(element, [])
    for formula in list(tree.iter(f"{_M}oMath")):
        run = formula.makeelement(f"{_W}r")
        etree.SubElement(run, f"{_W}t").text = formula_text(formula)
        _replace(formula, [run])
    for element in list(tree.iter(f"{_M}oMathPara", *_LIFTED)):
        _replace(element, [child for child in element if not _is_setting(child)])
    for control in list(tree.iter(f"{_W}sdt")):
        inner = control.find(f"{_W}sdtContent")
        _replace(control, list(inner) if inner is not None else [])
    rewrite_runs(tree, styles)
    content = etree.tostring(tree, encoding="utf-8", xml_declaration=True)
    return bytes(content)


def _is_setting(element: Any) -> bool:
    return local_name(element).endswith("pr")


def _replace(element: Any, children: list[Any]) -> None:
    """Put the children where the element stands; XML of this kind has no text between them."""
    parent = element.getparent()
    if parent is None:
        return
    position = parent.index(element)
    parent[position : position + 1] = children
