"""A body that drips is given up, whichever route takes it; one that comes steadily has its time."""

import asyncio
import json

import pytest

from tests.fakes.asgi_client import OpenRequest

FORM = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nThe lamp'
MULTIPART = {"content-type": "multipart/form-data; boundary=x", "content-length": "10000"}
JSON = {"content-type": "application/json", "content-length": "10000"}


class Dripping(OpenRequest):
    """A request whose body comes in pieces: the next one after a rest, or never."""

    def __init__(self, house, key, path, headers, pieces, *, rest=None):
        super().__init__(house.app, key, "POST", path, headers=headers)
        self._pieces, self._rest = list(pieces), rest

    async def _receive(self):
        if not self._pieces:
            await asyncio.Event().wait()
        piece = self._pieces.pop(0)
        if self._rest is not None and not self._pieces:
            await asyncio.sleep(self._rest)
        is_last = self._rest is not None and not self._pieces
        return {"type": "http.request", "body": piece, "more_body": not is_last}


@pytest.fixture
def house(make_house):
    return make_house(body_seconds=0.2)


@pytest.mark.parametrize(
    ("path", "headers", "start"),
    [
        ("/v1/search", JSON, b'{"query": "la'),
        ("/v1/ask", JSON, b'{"question"'),
        ("/v1/documents", MULTIPART, FORM),
        ("/v1/admin/keys", JSON, b"{"),
    ],
)
def test_a_body_that_stops_coming_is_refused_with_408_and_nothing_is_accepted(
    house, path, headers, start
):
    root = house.person("root", role="admin")
    request = Dripping(house, root.key, path, headers, [start[:1], start[1:]])
    asyncio.run(asyncio.wait_for(request.run(), 60))
    assert request.status == 408
    assert json.loads(request.text)["code"] == "body-too-slow"
    assert (b"connection", b"close") in request.sent[0]["headers"]
    assert root.get("/v1/documents").json()["items"] == []


def test_a_body_gets_a_second_more_for_every_few_thousand_bytes(house):
    ann = house.person("ann")
    body = json.dumps({"query": "lamp", "filters": {}}).encode()
    headers = {"content-type": "application/json", "content-length": str(len(body) + 40_000)}
    pieces = [b" " * 40_000, body]
    request = Dripping(house, ann.key, "/v1/search", headers, pieces, rest=0.5)
    asyncio.run(asyncio.wait_for(request.run(), 60))
    assert request.status == 200
