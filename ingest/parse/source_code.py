"""SourceText code: kept letter by letter, cut where a definition begins at the left margin."""

import re
from collections.abc import Iterator

from ingest.errors import EmptyDocumentError
from ingest.parse.common.file import File
from ingest.parse.common.plain_text import decode
from ingest.types import Block, ParsedDocument

MEDIA_TYPE = "text/x-source-code"
PARSER = "footnote code 1"

ENDINGS = frozenset(
    [
        ".py",
        ".pyi",
        ".js",
        ".mjs",
        ".ts",
        ".tsx",
        ".jsx",
        ".java",
        ".kt",
        ".kts",
        ".scala",
        ".c",
        ".h",
        ".cc",
        ".cpp",
        ".hpp",
        ".cs",
        ".go",
        ".rs",
        ".rb",
        ".php",
        ".pl",
        ".pm",
        ".swift",
        ".m",
        ".sh",
        ".bash",
        ".zsh",
        ".ps1",
        ".sql",
        ".r",
        ".jl",
        ".lua",
        ".hs",
        ".ml",
        ".ex",
        ".exs",
        ".erl",
        ".clj",
        ".dart",
        ".vb",
        ".css",
        ".scss",
        ".less",
        ".yaml",
        ".yml",
        ".toml",
        ".ini",
        ".cfg",
        ".proto",
        ".graphql",
        ".tf",
        ".gradle",
        ".groovy",
        ".bat",
    ]
)

_START = re.compile(r"\n(?:[^\S\n]*\n)+(?=[^\s)\]}])")
"""Empty lines, then a line that begins at the margin and does not only close something."""


def parse_code(file: File) -> ParsedDocument:
    """Read source code as it is; each definition at the margin is a code block.

    Raises:
        EmptyDocumentError: there is nothing but white space.

    """
    text, warnings = decode(file.data)
    blocks = tuple(Block("code", start, end) for start, end in _blocks(text))
    if not blocks:
        raise EmptyDocumentError("There is no text in this document.")
    return ParsedDocument(text, blocks, MEDIA_TYPE, PARSER, title=file.name, warnings=warnings)


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in [*_START.finditer(text), None]:
        end = gap.start() if gap else len(text)
        block = text[start:end]
        if block.strip():
            lead = len(block) - len(block.lstrip("\n"))
            yield start + lead, start + len(block.rstrip())
        start = gap.end() if gap else end
