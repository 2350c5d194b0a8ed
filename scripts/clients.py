"""Write what is generated of the clients; ``--check`` only tells whether it is up to date.

1. ``clients/openapi.json``: the description of our own routes and what they answer where all goes
   well; every refusal is a problem. The routes of OpenAI's API have clients of their own.
2. ``clients/python/footnote_client/models.py``: a model for each of its forms.
3. ``clients/python/footnote_client/_sync``: the client without an event loop, from ``_async``.
4. ``clients/typescript/src/schema.ts``: its types. That needs node and ``npm ci`` there.

The first line of 2 and 4 has the digests of the description and of the text, so that a test need
not generate them again.
"""

import argparse
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
import tokenize
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CLIENTS = ROOT / "clients"
DESCRIPTION = CLIENTS / "openapi.json"
PACKAGE = CLIENTS / "python" / "footnote_client"
MODELS = PACKAGE / "models.py"
TYPESCRIPT = CLIENTS / "typescript"
SCHEMA = TYPESCRIPT / "src" / "schema.ts"

PROVENANCE = "Made by `make clients` from openapi.json, sha256 of both: "

HEADER = '"""The forms of requests and answers; `make clients` writes them."""'

LIMITS = {
    "title", "maxLength", "minLength", "maxItems", "minItems", "maxProperties", "maximum",
    "minimum", "exclusiveMaximum", "exclusiveMinimum", "pattern", "additionalProperties",
}  # fmt: skip
"""Of a form's fields; an object of objects keeps what its values are."""

ELSEWHERE = ("/metrics",)
"""Routes that are for other programs than clients."""

NAMES = {
    "async_pause": "pause", "aclosing": "closing", "aclose": "close", "aread": "read",
    "aiter_lines": "iter_lines", "aiter_bytes": "iter_bytes", "_async": "_sync",
    "asynccontextmanager": "contextmanager", "__aenter__": "__enter__", "__aexit__": "__exit__",
    "__aiter__": "__iter__", "__anext__": "__next__",
}  # fmt: skip
"""Names of the client with an event loop, and what stands for them in the other."""


def as_text(full: dict[str, Any]) -> str:
    """Return the text of ``openapi.json``."""
    return json.dumps(own_part(full), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def own_part(full: dict[str, Any]) -> dict[str, Any]:
    """Return a description without the routes of OpenAI's API, and without forms that these use."""
    from api.openai_errors import speaks_openai

    paths = {
        path: {method: of_success(operation) for method, operation in operations.items()}
        for path, operations in full["paths"].items()
        if not speaks_openai(path) and path not in ELSEWHERE
    }
    schemas = full["components"]["schemas"]
    wanted, names = {}, ["Problem", *sorted(references(paths))]
    while names:
        name = names.pop()
        if name not in wanted:
            wanted[name] = schemas[name]
            names.extend(references(schemas[name]))
    components = {**full["components"], "schemas": wanted}
    return {**full, "paths": without_examples(paths), "components": without_examples(components)}


def of_success(operation: dict[str, Any]) -> dict[str, Any]:
    """Return an operation with its good answers alone."""
    responses = operation["responses"]
    good_responses = {status: each for status, each in responses.items() if status[0] == "2"}
    return {**operation, "responses": good_responses}


def references(value: Any) -> set[str]:
    """Return the names of the forms that a part of a description refers to."""
    text = json.dumps(value)
    return set(re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', text))


def without_examples(value: Any) -> Any:
    """Return a part of a description without its examples, which no client needs."""
    if isinstance(value, dict):
        return {
            name: without_examples(inner)
            for name, inner in value.items()
            if name not in {"examples", "example"}
            or "type" in (inner if isinstance(inner, dict) else {})
        }
    return [without_examples(inner) for inner in value] if isinstance(value, list) else value


def without_limits(value: Any) -> Any:
    """Return forms without limits and titles: the service refuses, and says why."""
    if isinstance(value, dict):
        return {
            name: without_limits(inner)
            for name, inner in value.items()
            if name not in LIMITS or isinstance(inner, dict)
        }
    return [without_limits(inner) for inner in value] if isinstance(value, list) else value


def models(described: str) -> str:
    """Return the models of a description's forms."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "openapi.json", Path(folder) / "models.py"
        source.write_text(json.dumps(without_limits(json.loads(described))))
        run(
            sys.executable, "-m", "datamodel_code_generator",
            "--input", source, "--input-file-type", "openapi", "--output", target,
            "--output-model-type", "pydantic_v2.BaseModel", "--target-python-version", "3.11",
            "--enum-field-as-literal", "all", "--use-standard-collections", "--use-union-operator",
            "--use-schema-description", "--use-field-description", "--use-annotated",
            "--use-double-quotes", "--disable-timestamp", "--strict-nullable",
            "--collapse-root-models", "--formatters", "ruff-format", "--custom-file-header", HEADER,
        )  # fmt: skip
        return formatted({MODELS.name: target.read_text()})[MODELS.name]


def without_loop(source: str) -> str:
    """Return a module of ``_async`` as it is without an event loop, not formatted yet."""
    lines = source.splitlines(keepends=True)
    for token in reversed(list(tokenize.generate_tokens(io.StringIO(source).readline))):
        if token.type != tokenize.NAME:
            continue
        row, begin, end = token.start[0] - 1, token.start[1], token.end[1]
        line = lines[row]
        if token.string in {"async", "await"}:
            lines[row] = line[:begin] + line[end:].removeprefix(" ")
        else:
            lines[row] = line[:begin] + sync_name(token.string) + line[end:]
    return re.sub(r'"Async(\w+)"', r'"\1"', "".join(lines))


def sync_name(name: str) -> str:
    """Return the name that stands for another one without an event loop."""
    if name in NAMES:
        return NAMES[name]
    return name.removeprefix("Async") if re.match(r"Async[A-Z]", name) else name


def sync_modules() -> dict[Path, str]:
    """Return the modules of ``_sync`` with the text that each is to have."""
    modules = sorted((PACKAGE / "_async").glob("*.py"))
    texts = formatted({module.name: without_loop(module.read_text()) for module in modules})
    return {PACKAGE / "_sync" / name: text for name, text in texts.items()}


def formatted(texts: dict[str, str]) -> dict[str, str]:
    """Return Python files as our linter and formatter write them."""
    ruff = (sys.executable, "-m", "ruff")
    settings = ("--config", ROOT / "pyproject.toml", "--no-cache", "--quiet")
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            (Path(folder) / name).write_text(text)
        run(*ruff, "check", *settings, "--select", "I,SIM117,UP028,FURB122", "--fix-only",
            "--unsafe-fixes", folder)  # fmt: skip
        run(*ruff, "format", *settings, folder)
        return {name: (Path(folder) / name).read_text() for name in texts}


def schema(described: str) -> str | None:
    """Return the types of a description; none where node or the generator is missing."""
    command = TYPESCRIPT / "node_modules" / ".bin" / "openapi-typescript"
    if not command.exists() or shutil.which("node") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "openapi.json"
        source.write_text(described)
        return run(command, source)


def with_head(comment: str, described: str, text: str) -> str:
    """Return a generated text under a line with the digests of its source and of itself."""
    return f"{comment} {PROVENANCE}{sha256(described)} {sha256(text)}\n{text}"


def is_made_from(path: Path, described: str) -> bool:
    """Tell whether a file was generated from a description, and not changed since."""
    head, _, text = path.read_text().partition("\n") if path.exists() else ("", "", "")
    return head.partition(PROVENANCE)[2] == f"{sha256(described)} {sha256(text)}"


def sha256(text: str) -> str:
    """Return the digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def run(*command: Any) -> str:
    """Return what a command prints.

    Raises:
        SystemExit: it fails.

    """
    words = [str(word) for word in command]
    result = subprocess.run(words, capture_output=True, text=True, check=False)
    if result.returncode:
        sys.exit(f"{words[0]}: {result.stdout}{result.stderr}")
    return result.stdout


def stale_files(described: str) -> list[Path]:
    """Return the files that are not as they would be generated from a description."""
    modules = sync_modules()
    expected = {DESCRIPTION: described, **modules}
    stale = [
        path for path, text in expected.items() if not path.exists() or path.read_text() != text
    ]
    stale += [path for path in (PACKAGE / "_sync").glob("*.py") if path not in modules]
    return stale + [path for path in (MODELS, SCHEMA) if not is_made_from(path, described)]


def write(described: str) -> None:
    """Write every generated file.

    Raises:
        SystemExit: a generator is missing or fails.

    """
    types = schema(described)
    if types is None:
        sys.exit("clients: node and `npm ci` in clients/typescript are missing: make typescript")
    files = {
        DESCRIPTION: described,
        MODELS: with_head("#", described, models(described)),
        SCHEMA: with_head("//", described, types),
        **sync_modules(),
    }
    for path in (PACKAGE / "_sync").glob("*.py"):
        path.unlink()
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def main() -> int:
    """Write every generated file, or check them all."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--check", action="store_true")
    check = options.parse_args().check
    from api.app import describe_new_service

    described = as_text(describe_new_service())
    stale = stale_files(described)
    if stale:
        names = ", ".join(str(path.relative_to(ROOT)) for path in stale)
        print(f"{'Stale' if check else 'Wrote'}: {names}")
    if stale and not check:
        write(described)
    return int(bool(stale) and check)


if __name__ == "__main__":
    sys.exit(main())
