"""PDF files written by hand: lines of Helvetica on pages, sound or broken on purpose."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 612, 792


@dataclass(frozen=True)
class Print:
    """A line of text; ``x`` and ``y`` are points from the page's lower left corner."""

    text: str
    x: float = 72
    y: float = 700
    size: float = 11
    bold: bool = False


@dataclass(frozen=True)
class Box:
    """The outline of a rectangle; ``x`` and ``y`` are its lower left corner, in points."""

    x: float
    y: float
    width: float
    height: float


def column(
    lines: Sequence[str], *, x: float = 72, y: float = 700, size: float = 11, bold: bool = False
) -> list[Print]:
    """Print lines below one another at the usual distance."""
    return [Print(line, x, y - 1.2 * size * i, size, bold) for i, line in enumerate(lines)]


def write_pdf(
    pages: Sequence[Sequence[Print | Box]],
    *,
    title: str = "",
    rotate: int = 0,
    encrypted: bool = False,
) -> bytes:
    """Return the bytes of a PDF with these pages."""
    kids = " ".join(f"{6 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        b"<< /Title (" + _escaped(title) + b") >>",
    ]
    for i, prints in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Rotate {rotate} "
            "/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> "
            f"/Contents {7 + 2 * i} 0 R >>".encode()
        )
        stream = b"\n".join(_drawn(item) for item in prints)
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    extra = b""
    if encrypted:
        objects.append(
            b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <"
            + b"41" * 32
            + b"> /U <"
            + b"42" * 32
            + b"> >>"
        )
        extra = b"/Encrypt %d 0 R /ID [<00> <00>]" % len(objects)
    return _file(objects, extra)


_FORM = """
<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R 7 0 R 8 0 R] /DA (/F1 9 Tf) >>
/Names << /EmbeddedFiles << /Names [(rota.csv) 10 0 R] >> >> >>

<< /Type /Pages /Kids [12 0 R] /Count 1 >>

<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>

BT /F1 11 Tf 72 700 Td (Skipper:) Tj 0 -30 Td (Insured:) Tj ET

<< >>

<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (Ann Berg) /Rect [130 695 260 712] >>

<< /Type /Annot /Subtype /Widget /FT /Btn /T (tick) /V /Yes /AS /Yes /Rect [130 667 142 679]
/AP << /N << /Yes 4 0 R /Off 4 0 R >> >> >>

<< /Type /Annot /Subtype /Widget /FT /Tx /T (x) /V (unseen) /F 2 /Rect [1 1 9 9] >>

<< /Type /Annot /Subtype /Text /T (Eva) /Contents (ask the pilot) /Rect [300 600 320 620] >>

<< /Type /Filespec /F (rota.csv) /UF (rota.csv) /EF << /F 11 0 R >> >>

day,who
Monday,Ann

<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R
/Resources << /Font << /F1 3 0 R >> >> /Annots [6 0 R 7 0 R 8 0 R 9 0 R] >>
"""
_GARBLED = """
<< /Type /Catalog /Pages 2 0 R >>

<< /Type /Pages /Kids [8 0 R 9 0 R] /Count 2 >>

<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>

BT /F1 11 Tf 72 700 Td (The pilot boards at the outer buoy.) Tj ET

<< >>

<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding /ToUnicode 7 0 R >>

/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <00> <ff>
endcodespacerange 1 beginbfrange <21> <7e> <e021> endbfrange endcmap end end

<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R
/Resources << /Font << /F1 3 0 R >> >> >>

<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R
/Resources << /Font << /F1 6 0 R >> >> >>
"""


def filled_form() -> bytes:
    """Return a PDF of a form with a name, a tick and a hidden field, a comment, and a file."""
    return _file(_objects(_FORM), b"")


def garbled_second_page() -> bytes:
    """Return a PDF of two pages; the letters of the second are said to be for private use."""
    return _file(_objects(_GARBLED), b"")


def _objects(text: str) -> list[bytes]:
    """Return the objects that empty lines part; one that is no dictionary is a stream."""
    bodies = text.strip().encode().split(b"\n\n")
    return [body if body.startswith(b"<<") else _stream(body) for body in bodies]


def _stream(content: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)


def _drawn(item: Print | Box) -> bytes:
    if isinstance(item, Box):
        return b"%.2f %.2f %.2f %.2f re S" % (item.x, item.y, item.width, item.height)
    font = b"F2" if item.bold else b"F1"
    return b"BT /%s %.2f Tf %.2f %.2f Td (%s) Tj ET" % (
        font, item.size, item.x, item.y, _escaped(item.text),
    )  # fmt: skip


def _escaped(text: str) -> bytes:
    content = text.encode("cp1252")
    return content.replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")


def _file(objects: Sequence[bytes], extra: bytes) -> bytes:
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R /Info 5 0 R %s >>\n" % (len(objects) + 1, extra)
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)
