"""Files that mean harm: each function returns the bytes of one."""

import io
import zipfile
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path

from tests.fakes.pdf import column, write_pdf

DOCX_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
        "</Types>"
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships/officeDocument" Target="word/document.xml"/></Relationships>'
    ),
}
"""The files that a DOCX needs besides its text."""

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SVG = "http://www.w3.org/2000/svg"

MAGIC_NUMBERS = {
    "pdf": b"%PDF-1.7\n",
    "zip": b"PK\x03\x04",
    "gzip": b"\x1f\x8b\x08",
    "ole": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "rtf": b"{\\rtf1 ",
    "png": b"\x89PNG\r\n\x1a\n",
    "jpeg": b"\xff\xd8\xff\xe0",
    "gif": b"GIF89a",
    "tiff": b"II*\x00",
    "bmp": b"BM",
    "webp": b"RIFF\x00\x00\x00\x00WEBP",
    "xml": b"<?xml version='1.0'?><",
    "html": b"<!DOCTYPE html><",
    "utf-16": b"\xff\xfe",
}
"""How files of each type begin."""


def archive(members: Mapping[str, bytes | str]) -> bytes:
    """Return a ZIP with these members, under the very names given."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return out.getvalue()


def zip_bomb(members: int = 4, size: int = 128 << 20) -> bytes:
    """Return an archive of texts of ``size`` zeros each, a thousandth as large itself."""
    out = io.BytesIO()
    block = bytes(1 << 20)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for i in range(members):
            with file.open(f"{i}.txt", "w") as member:
                for _ in range(size >> 20):
                    member.write(block)
    return out.getvalue()


def nested_zip(depth: int = 60) -> bytes:
    """Return an archive in an archive in an archive."""
    content = archive({"deep.txt": "The innermost words."})
    for _ in range(depth):
        content = archive({"inner.zip": content})
    return content


def crowded_zip(members: int = 60_000) -> bytes:
    """Return an archive of very many small files."""
    return archive({f"{i}.txt": "x" for i in range(members)})


def docx(document: str) -> bytes:
    """Return a DOCX with this XML as its main part."""
    return archive({**DOCX_PARTS, "word/document.xml": document})


def docx_text(text: str, doctype: str = "") -> bytes:
    """Return a DOCX of one paragraph of XML text after a document type."""
    return docx(
        f'<?xml version="1.0"?>{doctype}<w:document xmlns:w="{_WORD}"><w:body><w:p><w:r><w:t>'
        f"{text}</w:t></w:r></w:p></w:body></w:document>"
    )


def billion_laughs(root: str) -> str:
    """Return a document type whose entity ``&l9;`` is a billion words long."""
    entities = ['<!ENTITY l0 "laugh ">']
    entities += [f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10)]
    return f"<!DOCTYPE {root} [{''.join(entities)}]>"


def laughing_docx() -> bytes:
    """Return a DOCX that unfolds to gigabytes."""
    return docx_text("&l9;", billion_laughs("w:document"))


def laughing_xml() -> bytes:
    """Return XML that unfolds to gigabytes."""
    return f'<?xml version="1.0"?>{billion_laughs("a")}<a>&l9;</a>'.encode()


def laughing_svg() -> bytes:
    """Return an SVG that unfolds to gigabytes."""
    head = f'<?xml version="1.0"?>{billion_laughs("svg")}'
    return f'{head}<svg xmlns="{_SVG}"><text>&l9;</text></svg>'.encode()


def _entity(root: str, target: str) -> str:
    return f'<!DOCTYPE {root} [<!ENTITY x SYSTEM "{target}">]>'


def external_xml(target: str) -> bytes:
    """Return XML that asks for the content of a file or an address."""
    return f'<?xml version="1.0"?>{_entity("a", target)}<a>Before. &x; After.</a>'.encode()


def external_docx(target: str) -> bytes:
    """Return a DOCX that asks for the content of a file or an address."""
    return docx_text("Before. &x; After.", _entity("w:document", target))


def including_html(target: str) -> bytes:
    """Return HTML that names a file in each way there is."""
    return (
        f'<html><link rel="stylesheet" href="{target}"><img src="{target}"><object data="{target}">'
        f'</object><iframe src="{target}"></iframe><p>Words of the page itself.</p></html>'
    ).encode()


def looping_pdf() -> bytes:
    """Return a PDF whose page tree holds itself."""
    return _raw_pdf(b"<< /Type /Pages /Kids [2 0 R 2 0 R 3 0 R] /Count 3 >>")


def million_page_pdf() -> bytes:
    """Return a PDF of one page that claims a million."""
    return _raw_pdf(b"<< /Type /Pages /Kids [3 0 R] /Count 1000000 >>")


def endless_pdf(pages: int = 1_000_000) -> bytes:
    """Return a PDF that really has a million pages: one and the same, again and again."""
    kids = b"3 0 R " * pages
    return _raw_pdf(b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages))


def _raw_pdf(pages: bytes) -> bytes:
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        pages,
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>",
    )
    body = b"%PDF-1.7\n"
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    tail = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF"
    return body + head + table + tail % (len(objects) + 1, len(body))


def traversing_zip(target: Path) -> bytes:
    """Return an archive whose members would land on a file outside."""
    names = ("../" * 20 + str(target).lstrip("/"), str(target), f"..\\..\\{target.name}")
    return archive(dict.fromkeys(names, "Overwritten by an archive."))


def traversing_mail(target: Path) -> bytes:
    """Return a mail whose attachments would land on a file outside."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.org", "b@example.org", "Minutes"
    mail.set_content("The words of the mail.")
    for name in ("../" * 20 + str(target).lstrip("/"), str(target)):
        mail.add_attachment("Overwritten by a mail.", filename=name)
    return mail.as_bytes()


def polyglot() -> bytes:
    """Return a file that is a PDF from its start and a ZIP from its end."""
    pdf = write_pdf([column(["The words of the PDF."])])
    return pdf + archive({"inner.txt": "The words of the archive."})


def deep_html(depth: int = 100_000) -> bytes:
    """Return HTML with one element inside another, very often."""
    return b"<div>" * depth + b"At the bottom." + b"</div>" * depth


def deep_json(depth: int = 100_000) -> bytes:
    """Return JSON with one list inside another, very often."""
    return b"[" * depth + b"]" * depth


def one_line(size: int = 50_000_000) -> bytes:
    """Return a text without a line break."""
    return (b"word " * (size // 5 + 1))[:size]
