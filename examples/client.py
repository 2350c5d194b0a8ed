"""Upload a file and stream an answer: python examples/client.py FILE QUESTION.

``FOOTNOTE_URL`` is the service's address, ``FOOTNOTE_KEY`` an API key. Needs httpx alone.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx


def upload(client: httpx.Client, file: Path) -> str:
    """Upload a file for oneself, wait until it is searchable, return the document's id."""
    with file.open("rb") as stream:
        response = client.post("/v1/documents", files={"file": (file.name, stream)})
    response.raise_for_status()
    accepted = response.json()
    while (job := client.get(f"/v1/jobs/{accepted['job_id']}").json())["state"] in {
        "queued",
        "running",
    }:
        time.sleep(0.2)
    if job["state"] != "succeeded":
        sys.exit(f"{file.name} cannot be searched: {job['reason']}")
    return str(accepted["document_id"])


def ask(client: httpx.Client, question: str) -> Iterator[tuple[str, Any]]:
    """Yield the events of an answer: ``sentence`` as each one is checked, ``done`` at the end."""
    body = {"question": question, "stream": True}
    with client.stream("POST", "/v1/ask", json=body) as response:
        response.raise_for_status()
        name = ""
        for line in response.iter_lines():
            if line.startswith("event:"):
                name = line.removeprefix("event:").strip()
            elif line.startswith("data:"):
                yield name, json.loads(line.removeprefix("data:"))


def main() -> None:
    """Upload, ask, and print each sentence as it arrives, then the quotes."""
    file, question = Path(sys.argv[1]), sys.argv[2]
    headers = {"Authorization": f"Bearer {os.environ['FOOTNOTE_KEY']}"}
    with httpx.Client(base_url=os.environ["FOOTNOTE_URL"], headers=headers, timeout=60) as client:
        upload(client, file)
        for name, data in ask(client, question):
            if name == "sentence":
                print(data["text"])
            elif name == "done":
                for cited in data["citations"]:
                    print(f"[{cited['marker']}] {cited['title']}: {cited['quote']}")
            elif name == "error":
                sys.exit(f"{data['title']}: {data['detail']}")


if __name__ == "__main__":
    main()
