"""``footnote parse`` and ``footnote chunk``: one stage alone, on one file, without a store."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cli.options import json_option, parts_of, print_json, print_line
from api.errors import UsageError

if TYPE_CHECKING:
    from api.composition.container import Parts
    from ingest.types import ParsedDocument


def add_commands(commands: Any) -> None:
    """Add the commands to the parser."""
    for name, text, run in (
        ("parse", "print the text of a file", run_parse),
        ("chunk", "print the chunks of a file", run_chunk),
    ):
        parser = commands.add_parser(name, parents=[json_option()], help=text)
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.set_defaults(run=run)


def run_parse(options: argparse.Namespace) -> int:
    """Print the text that citations' offsets count in."""
    parsed = _parse(parts_of(options), options.file)
    if not options.json:
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


def run_chunk(options: argparse.Namespace) -> int:
    """Print the chunks that would be embedded."""
    from ingest.chunking.chunker import ChunkingConfig, chunk

    parts = parts_of(options)
    parsed = _parse(parts, options.file)
    title = parsed.title or options.file.name
    chunks = chunk(parsed, title, parts.embedder, ChunkingConfig())
    if options.json:
        print_json({"title": title, "chunks": [asdict(piece) for piece in chunks]})
        return 0
    for piece in chunks:
        page = f", page {piece.page}" if piece.page else ""
        print_line(f"--- {piece.ordinal}: {piece.start}-{piece.end}, {piece.tokens} tokens{page}")
        print_line(piece.text)
    return 0


def _parse(parts: "Parts", path: Path) -> "ParsedDocument":
    if not path.is_file():
        raise UsageError(f"{path} is not a file.")
    return parts.parser.parse(path, path.name)
