"""``footnote parse`` and ``footnote chunk``: one stage alone, on one file, without a store."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.command_group import command_group
from api.cli.options import AsJson, open_container, print_json, print_line
from api.errors import UsageError

if TYPE_CHECKING:
    from api.composition.container import Parts
    from ingest.types import ParsedDocument

File = Annotated[Path, typer.Argument(metavar="FILE", help="a file of a format that can be read")]

app = command_group()


@app.command("parse")
def parse_command(file: File, *, as_json: AsJson = False) -> int:
    """Print the text of a file; citations count offsets in it."""
    parsed = _parse(open_container(None), file)
    if not as_json:
        print_line(parsed.text)
        return 0
    print_json(
        {
            "text": parsed.text,
            "title": parsed.title,
            "media_type": parsed.media_type,
            "pages": parsed.pages,
            "parser": parsed.parser,
            "warnings": list(parsed.warnings),
            "blocks": [asdict(block) for block in parsed.blocks],
        }
    )
    return 0


@app.command("chunk")
def chunk_command(file: File, *, as_json: AsJson = False) -> int:
    """Print the chunks of a file that would be embedded."""
    from ingest.chunking.chunker import ChunkingConfig, chunk

    container = open_container(None)
    parsed = _parse(container, file)
    title = parsed.title or file.name
    chunks = chunk(parsed, title, container.embedder, ChunkingConfig())
    if as_json:
        print_json({"title": title, "chunks": [asdict(piece) for piece in chunks]})
        return 0
    for piece in chunks:
        page = f", page {piece.page}" if piece.page else ""
        print_line(f"--- {piece.ordinal}: {piece.start}-{piece.end}, {piece.tokens} tokens{page}")
        print_line(piece.text)
    return 0


def _parse(container: "Parts", path: Path) -> "ParsedDocument":
    if not path.is_file():
        raise UsageError(f"{path} is not a file.")
    return container.parser.parse(path, path.name)
