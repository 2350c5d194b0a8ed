"""Write the binary samples: two DOCX files and a PDF of two pages. Same input, same bytes."""

import io
import zipfile
from pathlib import Path

import docx

HERE = Path(__file__).parent
LONG_AGO = (2026, 1, 1, 0, 0, 0)

PAY = (
    ("Grade", "Monthly pay"),
    ("Apprentice", "2,450 crowns"),
    ("Keeper", "3,180 crowns"),
    ("Senior keeper", "3,720 crowns"),
    ("Station head", "4,260 crowns"),
)

LAMP_PAGES = (
    (
        "Lamp and lens maintenance",
        (
            "This guide is for keepers who have passed the lamp course.",
            "",
            "Every week: wipe the lens with a linen cloth and spirit.",
            "Never use paper, because it scratches the glass.",
            "",
            "Every month: check the level of the mercury bath at Gull Stack.",
            "The bath holds 86 litres, and the lens floats on it.",
            "Open both doors of the lantern room before the cover is lifted.",
            "",
            "Every year: send the spare lamp to the workshop for a test.",
        ),
    ),
    (
        "When the lamp fails",
        (
            "The spare lamp must be burning within nine minutes.",
            "If it is not, tell the coastguard on channel 16 at once.",
            "",
            "Lamps at Long Ness are 1,000 watt; all others are 650 watt.",
            "A lamp is replaced after 1,200 hours, even if it still burns.",
            "",
            "Write the serial number of both lamps in the log.",
            "The engineer who answers at night is Oskar Lind, extension 31.",
        ),
    ),
)


def make_pay_scales() -> docx.document.Document:
    """Write what only the people who run the pay may read."""
    document = docx.Document()
    document.add_heading("Pay scales 2026", level=1)
    document.add_paragraph(
        "These scales hold from 1 January 2026. They are confidential to the human resources team."
    )
    document.add_heading("Monthly pay by grade", level=2)
    table = document.add_table(rows=0, cols=2)
    for row in PAY:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    document.add_paragraph(
        "A senior keeper earns 3,720 crowns a month. A station head earns 4,260 crowns a month."
    )
    document.add_heading("Allowances", level=2)
    document.add_paragraph(
        "The winter allowance is 290 crowns a month and is paid from November to March. "
        "Keepers at Thorn Rock receive a further 110 crowns, because the station has no landing."
    )
    return document


def make_storm_plan() -> docx.document.Document:
    """Write a plan that all staff may read."""
    document = docx.Document()
    document.add_heading("Storm plan", level=1)
    document.add_paragraph(
        "The duty officer calls a storm watch when the forecast wind reaches force nine."
    )
    document.add_heading("Before the storm", level=2)
    for step in (
        "Close the storm shutters on the seaward side and bolt them from the inside.",
        "Fill both fresh water tanks and move the generator fuel above the flood line.",
        "Send the last position of every small boat to the coastguard.",
    ):
        document.add_paragraph(step, style="List Bullet")
    document.add_heading("During the storm", level=2)
    document.add_paragraph(
        "Nobody goes on the gallery above force eight. Keepers report to the duty officer every "
        "two hours. If a station misses two reports, the lifeboat at Skerrow harbour is alerted."
    )
    return document


def docx_bytes(document: docx.document.Document) -> bytes:
    """Save with fixed times inside the archive, so that the bytes depend on the content alone."""
    first, second = io.BytesIO(), io.BytesIO()
    document.save(first)
    with zipfile.ZipFile(first) as source, zipfile.ZipFile(second, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, LONG_AGO)
            target.writestr(entry, source.read(name), zipfile.ZIP_DEFLATED)
    return second.getvalue()


def pdf_bytes(pages: tuple[tuple[str, tuple[str, ...]], ...]) -> bytes:
    """Write a PDF 1.4 with one built-in font (ISO 32000-1, 7.5); each page is a title and lines."""
    page_numbers = [4 + 2 * i for i in range(len(pages))]
    kids = " ".join(f"{number} 0 R" for number in page_numbers)
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, (title, lines) in zip(page_numbers, pages, strict=True):
        content = _page_content(title, lines)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {number + 1} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    return _file_of(objects)


def _page_content(title: str, lines: tuple[str, ...]) -> str:
    shown = [f"BT /F1 20 Tf 72 760 Td ({_escape(title)}) Tj ET"]
    for row, line in enumerate(lines):
        if line:
            shown.append(f"BT /F1 12 Tf 72 {720 - 20 * row} Td ({_escape(line)}) Tj ET")
    return "\n".join(shown)


def _escape(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _file_of(objects: list[str]) -> bytes:
    body = "%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    body += f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n"
    start = body.index("xref\n")
    body += f"<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    return body.encode("cp1252")


def main() -> None:
    """Write the three files beside this script."""
    (HERE / "pay-scales.docx").write_bytes(docx_bytes(make_pay_scales()))
    (HERE / "storm-plan.docx").write_bytes(docx_bytes(make_storm_plan()))
    (HERE / "lamp-maintenance.pdf").write_bytes(pdf_bytes(LAMP_PAGES))


if __name__ == "__main__":
    main()
