"""Use Footnote through OpenAI's own client: python examples/openai_client.py FILE QUESTION.

``FOOTNOTE_URL`` is the service's address, ``FOOTNOTE_KEY`` an API key. Needs openai and httpx.
"""

import os
import sys
import time
from pathlib import Path

import httpx
import openai
from openai import OpenAI

SEARCH = {"type": "file_search", "vector_store_ids": []}
RESULTS = "file_search_call.results"


def upload(url: str, key: str, file: Path) -> str:
    """Upload a file for oneself, wait until it is searchable, return the document's id."""
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}) as client:
        with file.open("rb") as stream:
            accepted = client.post("/v1/documents", files={"file": (file.name, stream)})
        accepted.raise_for_status()
        job_path = f"/v1/jobs/{accepted.json()['job_id']}"
        while (state := client.get(job_path).json()["state"]) in {"queued", "running"}:
            time.sleep(0.2)
    if state != "succeeded":
        sys.exit(f"{file.name} cannot be searched.")
    return str(accepted.json()["document_id"])


def chat(client: OpenAI, question: str) -> None:
    """Ask in a chat, whole and streamed, with the tokens that it took."""
    messages = [{"role": "user", "content": question}]
    completion = client.chat.completions.create(model="footnote", messages=messages)
    print("chat:", completion.choices[0].message.content)
    stream = client.chat.completions.create(
        model="footnote", messages=messages, stream=True, stream_options={"include_usage": True}
    )
    for chunk in stream:
        for choice in chunk.choices:
            print(choice.delta.content or "", end="", flush=True)
    print(f"\ntokens: {chunk.usage.total_tokens}")


def responses(client: OpenAI, question: str, document_id: str) -> None:
    """Ask with the file search, check the citations, go on, and ask in the background."""
    response = client.responses.create(
        model="footnote", input=question, tools=[SEARCH], include=[RESULTS]
    )
    print("response:", response.output_text)
    search, message = response.output
    print("results:", [result.filename for result in search.results])
    for citation in message.content[0].annotations:
        print(f"cited: {citation.filename}: {citation.quote!r}")
        is_whole = citation.file_id != document_id or citation.quote in text_of(client, document_id)
        print("the quote stands in the document:", is_whole)
    following = client.responses.create(
        model="footnote", input="And who does it?", previous_response_id=response.id
    )
    print("followed:", following.output_text)
    kinds = [
        event.type
        for event in client.responses.create(
            model="footnote", input=question, tools=[SEARCH], stream=True
        )
    ]
    print("events:", len(kinds), kinds[0], kinds[-1])
    waiting = client.responses.create(model="footnote", input=question, background=True)
    while (polled := client.responses.retrieve(waiting.id)).status in {"queued", "in_progress"}:
        time.sleep(0.1)
    print("background:", polled.status)
    rest = client.responses.retrieve(waiting.id, stream=True, starting_after=2)
    print("resumed at:", next(iter(rest)).sequence_number)
    client.responses.delete(waiting.id)


def text_of(client: OpenAI, document_id: str) -> str:
    """Return the text that the offsets of citations count in."""
    return client.get(f"/documents/{document_id}/text", cast_to=str)


def the_rest(client: OpenAI, question: str) -> None:
    """Embed, moderate, list the models, and be refused."""
    vectors = client.embeddings.create(model="footnote-embedding", input=[question, "lamp"])
    print("vectors:", len(vectors.data), "of", len(vectors.data[0].embedding))
    print("flagged:", client.moderations.create(input=question).results[0].flagged)
    print("models:", [model.id for model in client.models.list()])
    try:
        client.chat.completions.create(
            model="footnote", messages=[{"role": "user", "content": question}], n=2
        )
    except openai.BadRequestError as refusal:
        print("refused:", refusal.param, refusal.code)
    try:
        OpenAI(base_url=client.base_url, api_key="wrong").models.list()
    except openai.AuthenticationError as refusal:
        print("refused:", refusal.code)


def main() -> None:
    """Run everything on the file and the question of the command line."""
    file, question = Path(sys.argv[1]), sys.argv[2]
    url, key = os.environ["FOOTNOTE_URL"], os.environ["FOOTNOTE_KEY"]
    client = OpenAI(base_url=f"{url}/v1", api_key=key)
    document_id = upload(url, key, file)
    chat(client, question)
    responses(client, question, document_id)
    the_rest(client, question)


if __name__ == "__main__":
    main()
