"""Tell how far an embedding model can read a question's script.

A model's tokenizer keeps common letter groups of the scripts that it was trained on, and spells
out the rest letter by letter. A vector of a spelled out question says next to nothing, and its
similarities only disturb the ranking by words. Letters in a token tell: over XQuAD's questions,
all-MiniLM-L6-v2 takes 4.0 letters of English to a token (median), 2.5 of German and Spanish, 2.0
of Vietnamese, and 0.8 to 1.1 of Arabic, Greek, Hindi, Russian and Chinese.
"""

from index.embedding.embedder import Embedder

SPELLED_OUT = 1.1
"""Letters in a token up to which the model reads nothing but letters."""

READ = 1.5
"""Letters in a token from which it counts as reading; multilingual models have that in Chinese."""


def familiarity(text: str, embedder: Embedder) -> float:
    """Return how far the model reads the text, in [0, 1]; 1 where there is no letter to tell by.

    It depends on text and model alone, so nothing that an asker may not see can change it.
    """
    letters = sum(map(str.isalpha, text))
    if not letters:
        return 1.0
    in_token = letters / max(1, embedder.count_tokens(text))
    return min(1.0, max(0.0, (in_token - SPELLED_OUT) / (READ - SPELLED_OUT)))
