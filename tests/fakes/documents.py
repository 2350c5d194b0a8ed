"""Sample files of many formats, made on the spot."""

import zipfile
from io import BytesIO
from pathlib import PurePosixPath

_ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
    'xmlns:presentation="urn:oasis:names:tc:opendocument:xmlns:presentation:1.0" '
    'xmlns:chart="urn:oasis:names:tc:opendocument:xmlns:chart:1.0" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"'
)
_OFFICE = "http://schemas.openxmlformats.org"


def zipped(members, method=zipfile.ZIP_DEFLATED):
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def rezipped(data, change):
    """Return an archive with each member changed."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return zipped({name: change(archive.read(name)) for name in archive.namelist()})


def workbook(sheets, title=None):
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    book.properties.title = title
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def presentation(slides):
    """Make a slide for each (title, lines, notes)."""
    from pptx import Presentation

    deck = Presentation()
    for title, lines, notes in slides:
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = "\n".join(lines)
        slide.notes_slide.notes_text_frame.text = notes
    out = BytesIO()
    deck.save(out)
    return out.getvalue()


def opendocument(body, kind="text", manifest="<manifest/>", styles="", objects=()):
    """Make a file whose master pages hold ``styles``, with objects such as charts in it."""
    content = (
        f"<office:document-content {_ODF}><office:body>"
        f"<office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    members = {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}",
        "content.xml": content,
        "META-INF/manifest.xml": manifest,
        "styles.xml": f"<office:document-styles {_ODF}>{styles}</office:document-styles>",
    }
    for number, inner in enumerate(objects, start=1):
        members[f"Object {number}/content.xml"] = (
            f"<office:document-content {_ODF}>{inner}</office:document-content>"
        )
    return zipped(members)


def book(chapters):
    """Make a book whose spine runs against the order of its files."""
    items = "".join(f'<item id="{name}" href="{name}.xhtml"/>' for name in chapters)
    spine = "".join(f'<itemref idref="{name}"/>' for name in chapters)
    members = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<c><rootfile full-path="in/book.opf"/></c>',
        "in/book.opf": f"<package><title>A book</title>{items}<spine>{spine}</spine></package>",
    }
    pages = {
        f"in/{name}.xhtml": f"<html><body>{body}</body></html>" for name, body in chapters.items()
    }
    return zipped(members | dict(sorted(pages.items())))


def embedding(package, relations, objects, kind="package"):
    """Make a package embed objects, given by name, in the part that has these relationships."""
    part = PurePosixPath(relations).parents[1]
    rows = "".join(
        f'<Relationship Id="held{number}" Target="/{part}/embeddings/{name}" '
        f'Type="{_OFFICE}/officeDocument/2006/relationships/{kind}"/>'
        for number, name in enumerate(objects)
    )
    with zipfile.ZipFile(BytesIO(package)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    empty = f'<Relationships xmlns="{_OFFICE}/package/2006/relationships"></Relationships>'
    before = members.get(relations, empty.encode())
    members[relations] = before.replace(b"</Relationships>", rows.encode() + b"</Relationships>")
    types = "".join(
        f'<Default Extension="{ending}" ContentType="application/{ending}"/>'
        for ending in sorted({name.rsplit(".", 1)[1] for name in objects})
    )
    declared = members["[Content_Types].xml"]
    members["[Content_Types].xml"] = declared.replace(b"</Types>", types.encode() + b"</Types>")
    return zipped(
        members | {f"{part}/embeddings/{name}": content for name, content in objects.items()}
    )
