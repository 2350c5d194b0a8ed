"""``footnote parse`` and ``footnote chunk``: one stage alone, on one file, without a store."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.command_group import command_group
from api.cli.local_store import local_settings
from api.cli.options import AsJson, print_json, print_line
from api.errors import UsageError

if TYPE_CHECKING:
    from api.settings import Settings
    from ingest.types import ParsedDocument

File = Annotated[Path, typer.Argument(metavar="FILE", help="a file of a format that can be read")]

app = command_group()


@app.command("parse")
def parse_command(file: File, *, as_json: AsJson = False) -> int:
    """Print the text of a file; the offsets of citations are positions in this text."""
    document = _parse(local_settings(None), file)
    if not as_json:
        print_line(document.text)
        return 0
    print_json(
        {
            "text": document.text,
            "title": document.title,
            "media_type": document.media_type,
            "pages": document.pages,
            "parser": document.parser,
            "warnings": list(document.warnings),
            "blocks": [asdict(block) for block in document.blocks],
        }
    )
    return 0


@app.command("chunk")
def chunk_command(file: File, *, as_json: AsJson = False) -> int:
    """Print the chunks of a file that would be embedded."""
    from api.composition.embedding_model import load_embedder
    from ingest.chunking.chunker import ChunkingConfig, chunk

    settings = local_settings(None)
    document = _parse(settings, file)
    title = document.title or file.name
    chunks = chunk(document, title, load_embedder(settings), ChunkingConfig())
    if as_json:
        print_json({"title": title, "chunks": [asdict(piece) for piece in chunks]})
        return 0
    for piece in chunks:
        page = f", page {piece.page}" if piece.page else ""
        print_line(f"--- {piece.ordinal}: {piece.start}-{piece.end}, {piece.tokens} tokens{page}")
        print_line(piece.text)
    return 0


def _parse(settings: "Settings", path: Path) -> "ParsedDocument":
    from api.composition.ingestion import build_sandbox

    if not path.is_file():
        raise UsageError(f"{path} is not a file.")
    with build_sandbox(settings) as parser:
        return parser.parse(path, path.name)
