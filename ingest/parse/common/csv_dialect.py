"""How the values of a CSV file are separated and quoted.

Python's sniffer guesses a quote from any pair of signs, so apostrophes become quotes and a file
whose quotes come late gets none. The quote of CSV files is ``"`` (RFC 4180); only the separator is
told by the rows: it cuts them into equally many values, in which no other separator is left over.
"""

import csv
import io
import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

_SEPARATORS = "\t;|,"
"""Those that prose has not come first where two explain a file equally well."""
_SAMPLE = 1 << 16
_MOST_ROWS = 300
_DECLARED = re.compile(r"\Asep=(.)[^\S\n]*(?:\n|\Z)", re.IGNORECASE)
_HARMLESS_COMMA = re.compile(r",(?=\s)|(?<=\d),(?=\d)")
"""In a sentence, or in a number."""
_LEAST_SCORE = 0.3
_RUNAWAY = 20
"""Lines in the last value that an opening quote without an end has swallowed."""


@dataclass(frozen=True, slots=True)
class CsvDialect:
    """The separator of a file, how its quotes are written, and where its rows begin."""

    separator: str
    start: int = 0
    """Offset of the first row: a line such as ``sep=;`` stands before it."""
    has_escapes: bool = False
    """Whether a quote within a value is written ``\\"``, not ``""``."""
    has_quotes: bool = True

    def rows(self, text: str) -> Iterator[list[str]]:
        """Yield the rows of a text."""
        return csv.reader(
            io.StringIO(text[self.start :]),
            delimiter=self.separator,
            doublequote=not self.has_escapes,
            escapechar="\\" if self.has_escapes else None,
            quoting=csv.QUOTE_MINIMAL if self.has_quotes else csv.QUOTE_NONE,
            skipinitialspace=True,
        )


def find_dialect(text: str, filename: str) -> CsvDialect:
    """Return the dialect that explains the rows best; by the file's name where none does."""
    csv.field_size_limit(max(len(text) + 1, csv.field_size_limit()))  # for the whole process
    declared = _DECLARED.match(text)
    start = declared.end() if declared else 0
    sample = _sample(text[start : start + _SAMPLE])
    has_escapes = '\\"' in sample and not re.search(r'[^,;\t|\n]""', sample)
    default = "\t" if filename.lower().endswith((".tsv", ".tab")) else ","
    separator = declared.group(1) if declared else _best_separator(sample) or default
    return CsvDialect(separator, start, has_escapes, has_quotes=not _is_runaway(text, separator))


def _sample(head: str) -> str:
    """Return whole lines."""
    return head[: head.rfind("\n") + 1] or head if len(head) == _SAMPLE else head


def _best_separator(sample: str) -> str | None:
    scores = {separator: _score(sample, separator) for separator in _SEPARATORS}
    best = max(scores, key=lambda separator: scores[separator])
    return best if scores[best][0] >= _LEAST_SCORE else None


def _score(sample: str, separator: str) -> tuple[float, int]:
    """Return how well a separator explains the rows, 0 to 1, and into how many values."""
    rows = [row for row in islice(CsvDialect(separator).rows(sample), _MOST_ROWS) if any(row)]
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths:
        return 0.0, 0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    values = [value for row in rows if len(row) == width for value in row]
    left_over = sum(_has_other(value, separator) for value in values)
    return round(count / len(rows) * (1 - left_over / len(values)), 2), width


def _has_other(value: str, separator: str) -> bool:
    others = _HARMLESS_COMMA.sub("", value)
    return any(other in others for other in _SEPARATORS if other != separator)


def _is_runaway(text: str, separator: str) -> bool:
    """Tell whether a quote that never ends swallows the rest of the file."""
    if text.count('"') % 2 == 0:
        return False
    last_rows = deque(CsvDialect(separator).rows(text), maxlen=1)
    return any(value.count("\n") > _RUNAWAY for row in last_rows for value in row)
