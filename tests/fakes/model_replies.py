"""Replies of the scripted model server, in the format of OpenAI's chat API."""

import json
import re
from collections.abc import Sequence
from typing import Any

_PASSAGE = re.compile(r'<passage number="(\d+)"[^>]*>\n(.*?)\n</passage>', re.DOTALL)
_SENTENCE = re.compile(r"[^\s.!?][^.!?\n]{20,}?[.!?](?=\s|$)")
_WORD = re.compile(r"\w{4,}")
_PIECE = re.compile(r"\s*\S+")


def cited_reply(messages: Sequence[dict[str, Any]], sentences: int = 3) -> str:
    """Quote the passages that a prompt gives: the sentences with most of the question's words.

    One of each passage at most, each with its marker, in the order of the passages. Without
    passages the reply is one fixed sentence.
    """
    question_text = str(messages[-1]["content"])
    question = set(_WORD.findall(question_text.rpartition("Question:")[2].lower()))
    best = []
    for number, text in _PASSAGE.findall(question_text):
        scored_sentences = [
            (len(question.intersection(_WORD.findall(sentence.lower()))), -place, sentence)
            for place, sentence in enumerate(_SENTENCE.findall(text)[:20])
        ]
        if scored_sentences:
            score, _, sentence = max(scored_sentences)
            best.append((-score, int(number), sentence))
    best_sentences = sorted(best)[:sentences]
    marked_sentences = [
        f"{sentence} [{number}]"
        for _, number, sentence in sorted(best_sentences, key=lambda one: one[1])
    ]
    return " ".join(marked_sentences) or "There is nothing to be said about it."


def pieces_of(text: str, longest: int | None) -> tuple[list[str], str]:
    """Cut a text into its tokens, a word each, and say why it ends."""
    pieces = _PIECE.findall(text)
    if longest is not None and len(pieces) > longest:
        return pieces[:longest], "length"
    return pieces, "stop"


def prompt_tokens(messages: Sequence[dict[str, Any]]) -> int:
    """Count a prompt's words."""
    return sum(len(str(message["content"]).split()) for message in messages) or 1


def completion(model: str, text: str, ending: str, usage: dict[str, int]) -> bytes:
    """Return a whole reply."""
    choice = {"index": 0, "finish_reason": ending, "message": {"role": "assistant"}}
    choice["message"]["content"] = text
    head = {"id": "chatcmpl-0", "object": "chat.completion", "created": 0, "model": model}
    return json.dumps({**head, "choices": [choice], "usage": usage}).encode()


class Events:
    """The server-sent events of one reply."""

    def __init__(self, model: str) -> None:
        head = {"id": "chatcmpl-0", "object": "chat.completion.chunk", "created": 0, "model": model}
        self._head = json.dumps(head)[:-1]

    def piece(self, text: str) -> bytes:
        """Return the event of one token."""
        delta = f'{{"role": "assistant", "content": {json.dumps(text)}}}'
        return self._choice(delta, "null")

    def end(self, ending: str, usage: dict[str, int] | None) -> bytes:
        """Return the last events."""
        last = self._choice("{}", f'"{ending}"')
        if usage is not None:
            last += (
                f'data: {self._head}, "choices": [], "usage": {json.dumps(usage)}}}\n\n'.encode()
            )
        return last + b"data: [DONE]\n\n"

    def _choice(self, delta: str, ending: str) -> bytes:
        choice = f'{{"index": 0, "delta": {delta}, "finish_reason": {ending}}}'
        return f'data: {self._head}, "choices": [{choice}]}}\n\n'.encode()
