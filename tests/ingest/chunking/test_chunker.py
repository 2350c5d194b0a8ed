from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.chunking.chunker import ChunkingConfig, chunk
from ingest.parse.common.document_builder import SourceText, TextPiece, assemble
from ingest.types import Block, ParsedDocument
from tests.fakes.embedder import FakeEmbedder

SMALL = FakeEmbedder(max_tokens=32)
SOURCE = SourceText("text/plain", "test")


def document(*pieces):
    return assemble([TextPiece(*piece) for piece in pieces], SOURCE)


def chunks_of(*pieces, title="Doc", embedder=SMALL, config=None):
    return chunk(document(*pieces), title, embedder, config or ChunkingConfig())


def test_a_short_document_is_one_chunk():
    (only,) = chunks_of(("paragraph", "One sentence. And another."))
    assert only.text == "One sentence. And another."
    assert (only.context, only.ordinal, only.headings) == ("Doc", 0, ())


def test_a_long_paragraph_is_cut_at_the_ends_of_sentences():
    text = " ".join(f"Sentence number {i} tells about cats and dogs." for i in range(20))
    chunks = chunks_of(("paragraph", text))
    assert len(chunks) > 3
    assert all(part.text.endswith(".") and part.text.startswith("Sentence") for part in chunks)


def test_a_cut_paragraph_leaves_no_crumbs():
    text = " ".join(f"Item {i} here." for i in range(11))
    sizes = [part.tokens for part in chunks_of(("paragraph", text))]
    assert max(sizes) - min(sizes) < 12


def test_sections_are_not_mixed():
    body = "Some words that fill the section well enough. They go on for a while here."
    chunks = chunks_of(
        ("heading", "Alpha", 1), ("paragraph", body), ("heading", "Beta", 1), ("paragraph", body)
    )
    assert [part.headings for part in chunks] == [("Alpha",), ("Beta",)]


def test_tiny_sections_share_a_chunk_and_their_common_heading():
    chunks = chunks_of(
        ("heading", "Top", 1), ("heading", "A", 2), ("paragraph", "x."),
        ("heading", "B", 2), ("paragraph", "y."),
    )  # fmt: skip
    assert len(chunks) == 1
    assert chunks[0].headings == ("Top",)


def test_text_above_the_first_section_does_not_stand_below_its_heading():
    chunks = chunks_of(("paragraph", "Lead."), ("heading", "A", 1), ("paragraph", "x y z."))
    assert [part.headings for part in chunks] == [()]


def test_a_heading_stays_with_what_follows_it():
    body = "word " * 24
    chunks = chunks_of(("paragraph", "lead " * 6), ("heading", "Next part", 1), ("paragraph", body))
    assert not any(part.text.endswith("Next part") for part in chunks)


def test_the_context_holds_title_and_headings_above_and_is_not_in_the_text():
    body = " ".join(f"This is sentence {i} of the part." for i in range(12))
    chunks = chunks_of(("heading", "Methods", 1), ("heading", "Sample", 2), ("paragraph", body))
    assert chunks[0].context == "Doc"
    assert chunks[-1].context == "Doc > Methods > Sample"
    assert chunks[-1].headings == ("Methods", "Sample")


def test_a_heading_that_the_text_shows_is_not_repeated_in_the_context():
    chunks = chunks_of(("heading", "Doc", 1), ("heading", "Words", 2), ("paragraph", "Words here."))
    assert chunks[0].context == ""
    chunks = chunks_of(("heading", "Top", 1), ("paragraph", "The Top of it."), title="Of")
    assert chunks[0].context == "Of"


def test_a_long_title_takes_at_most_a_quarter():
    chunks = chunks_of(("paragraph", "Text here."), title="very long title " * 30)
    assert SMALL.count_tokens(chunks[0].context) <= 30 // 4


def test_a_table_is_kept_whole_where_it_fits_and_else_cut_by_rows():
    rows = "\n".join(f"row {i} | value {i}" for i in range(12))
    chunks = chunks_of(("table", rows))
    assert all(part.text.startswith("row") for part in chunks)
    whole = chunks_of(("paragraph", "Before it. " * 8), ("table", "a | b\n1 | 2\n3 | 4"))
    assert whole[-1].text == "a | b\n1 | 2\n3 | 4"


def test_every_chunk_of_a_table_is_searched_with_its_caption_and_header():
    rows = "\n".join(f"pier {i} | {i} m" for i in range(30))
    wide = FakeEmbedder(max_tokens=64)
    pieces = (("paragraph", "Piers in 1911"), ("table", f"Pier | Length\n{rows}"))
    chunks = chunks_of(*pieces, embedder=wide)
    far = [part for part in chunks if not part.text.startswith(("Piers", "Pier |"))]
    assert len(far) > 1
    assert {part.context for part in far} == {"Doc > Piers in 1911 > Pier | Length"}


def test_a_row_with_the_title_above_the_header_is_the_caption():
    rows = "\n".join(f"pier {i} | {i} m" for i in range(30))
    chunks = chunks_of(
        ("table", f"Piers in 1911\nPier | Length\n{rows}"), embedder=FakeEmbedder(max_tokens=64)
    )
    assert chunks[-1].context == "Doc > Piers in 1911 > Pier | Length"


def test_code_is_cut_by_lines_and_keeps_its_indents_inside():
    code = "\n".join(f"    call({i})" for i in range(20))
    chunks = chunks_of(("code", code))
    assert all(part.text.endswith(")") for part in chunks)


def test_a_word_longer_than_a_chunk_is_cut_hard():
    chunks = chunks_of(("paragraph", "x" * 1000))
    assert "".join(part.text for part in chunks) == "x" * 1000


def test_the_page_is_that_of_the_first_character():
    body = " ".join(f"This is sentence {i} of it." for i in range(5))
    chunks = chunks_of(("paragraph", body, 0, 1), ("paragraph", body, 0, 2))
    assert [part.page for part in chunks] == [1, 1, 2, 2]


def test_a_smaller_limit_is_kept():
    text = "Some words here. " * 40
    chunks = chunks_of(("paragraph", text), config=ChunkingConfig(max_tokens=12))
    assert max(part.tokens for part in chunks) <= 12


PIECES = st.lists(
    st.tuples(
        st.sampled_from(["heading", "paragraph", "list", "table", "code"]),
        st.text(alphabet="ab .\n|\t\u3002x1-A(,", min_size=1, max_size=150),
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=12,
)


@settings(deadline=None)
@given(PIECES, st.integers(8, 60), st.text(alphabet="T x", max_size=60))
def test_chunks_hold_all_of_the_text_within_the_limit(pieces, limit, title):
    pieces = [*pieces, ("paragraph", "end", 0)]
    parsed_document = document(*pieces)
    embedder = FakeEmbedder(max_tokens=limit)
    chunks = chunk(parsed_document, title, embedder, ChunkingConfig())
    assert [part.ordinal for part in chunks] == list(range(len(chunks)))
    assert all(part.text == parsed_document.text[part.start : part.end] for part in chunks)
    assert all(a.end <= b.start for a, b in pairwise(chunks))
    assert "".join("".join(p.text for p in chunks).split()) == "".join(parsed_document.text.split())
    assert all(part.tokens == embedder.count_tokens(part.indexed_text) for part in chunks)
    assert all(part.tokens <= limit - 2 for part in chunks)
    assert chunks == chunk(parsed_document, title, embedder, ChunkingConfig())


def test_three_megabytes_are_chunked_with_few_counts():
    class Counting(FakeEmbedder):
        characters = 0

        def count_tokens(self, text):
            self.characters += len(text)
            return super().count_tokens(text)

    embedder = Counting()
    text = "The quick brown fox jumps over the lazy dog near a river. " * 5000
    parsed_document = ParsedDocument(
        text, (Block("paragraph", 0, len(text)),), "text/plain", "test"
    )
    chunk(parsed_document, "T", embedder, ChunkingConfig())
    assert embedder.characters < 5 * len(text)
