"""No URL that somebody supplies leads to an inner address, by any spelling or detour."""

import pytest

from index.egress.address_policy import networks, permitted_address, resolve
from index.egress.fetcher import Fetcher, FetchLimits
from index.errors import FetchError, FetchLimitError, UrlRefusedError
from tests.fakes.web import running_web, send

LOOPBACK = networks(["127.0.0.0/8"])


def at_home(host, port):
    return ["127.0.0.1"]


@pytest.fixture
def web():
    with running_web() as web:
        yield web


def fetch(web, path, *, resolver=at_home, allowed_networks=LOOPBACK, **limits):
    fetcher = Fetcher(
        allowed_networks=allowed_networks, resolver=resolver, limits=FetchLimits(**limits)
    )
    with fetcher.fetch(web.url(path)) as got:
        return got, b"".join(got.blocks)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "192.88.99.1",
        "240.0.0.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1",
        "::ffff:8.8.8.8", "::10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:a00:1::1",
        "2001:0:a00:1::1", "2001:db8::1", "fec0::1", "fe80::1%eth0", "nonsense",
        "192.0.0.8", "192.0.0.9", "192.0.0.10", "192.0.0.170", "3fff::1", "3fff:fff:ffff::1",
        "192.31.196.1", "192.52.193.1", "192.175.48.1", "203.0.113.1", "198.51.100.1",
        "2620:4f:8000::1", "2001:1::1", "2001:3::1", "2001:4:112::1", "2001:20::1", "2001:30::1",
        "100::1", "100:0:0:1::1", "5f00::1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_refused(address):
    with pytest.raises(UrlRefusedError):
        permitted_address([address], ())


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111"])
def test_a_public_address_is_used(address):
    assert permitted_address([address], ()) == address


def test_one_inner_address_among_public_ones_is_enough_to_refuse():
    with pytest.raises(UrlRefusedError):
        permitted_address(["8.8.8.8", "10.0.0.1"], ())
    assert permitted_address(["10.0.0.1"], networks(["10.0.0.0/24"])) == "10.0.0.1"


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "2130706433", "017700000001", "localhost"])
def test_other_spellings_of_loopback_are_resolved_and_refused(host):
    with pytest.raises(UrlRefusedError):
        permitted_address(resolve(host, 80), ())


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://web.example/x", "gopher://web.example/", "web.example/x",
        "http://", "http://ann:secret@web.example/", "s3://bucket/x", "http://web.example:bad/",
        "http://web.example/" + "x" * 2000, "data:text/plain,x", "http://[::1/",
        "http://xn--/", "http://xn--a/x", "http://xn--zz--/",
        "http://a.example:65536/", "http://a.example:99999999999999999999/", "http://a.example:0/",
    ],
)  # fmt: skip
def test_what_is_no_plain_web_address_is_refused(url):
    with pytest.raises(UrlRefusedError), Fetcher(resolver=at_home).fetch(url):
        pass


def test_a_private_address_is_refused_before_a_byte_is_sent(web):
    web.text("/a", "hello")
    with pytest.raises(UrlRefusedError):
        fetch(web, "/a", allowed_networks=())
    assert web.requests == []


def test_what_is_private_and_what_does_not_exist_get_the_same_words(web):
    events = []
    for resolver in (at_home, lambda host, port: []):
        with pytest.raises(UrlRefusedError) as error:
            fetch(web, "/a", allowed_networks=(), resolver=resolver)
        events.append(str(error.value))
    assert events[0] == events[1]


def test_the_name_is_resolved_once_and_that_address_is_used(web):
    web.text("/a", "hello", Content_Type="text/plain; charset=utf-8")
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    got, body = fetch(web, "/a", resolver=lambda host, port: next(answers))
    assert body == b"hello"
    assert got.media_type == "text/plain"
    assert web.requests == [(f"web.example:{web.port}", "/a")]


def test_a_redirect_is_checked_like_the_first_url(web):
    web.redirect("/in", f"http://inner.example:{web.port}/secret")
    web.redirect("/out", "file:///etc/passwd")
    web.redirect("/scheme", "//inner.example:1/x")
    web.text("/secret", "secret")
    addresses = {"web.example": ["127.0.0.1"], "inner.example": ["10.0.0.1"]}
    for path in ("/in", "/out", "/scheme"):
        with pytest.raises(UrlRefusedError):
            fetch(web, path, resolver=lambda host, port: addresses[host])
    assert ("/secret") not in [path for _, path in web.requests]


def test_a_redirect_is_followed_but_not_for_ever(web):
    web.redirect("/a", "/b")
    web.text("/b", "moved", Content_Disposition='attachment; filename="../../b.txt"')
    web.redirect("/round", "/round")
    got, body = fetch(web, "/a")
    assert (got.url, body) == (web.url("/b"), b"moved")
    with pytest.raises(FetchError, match="redirects"):
        fetch(web, "/round")


def test_proxies_of_the_environment_are_not_asked(web, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    web.text("/a", "hello")
    assert fetch(web, "/a")[1] == b"hello"


def test_a_body_over_the_limit_is_given_up(web):
    web.text("/big", "x" * 2000)
    with pytest.raises(FetchLimitError):
        fetch(web, "/big", size=1000)


def test_a_server_that_drips_is_given_up_when_the_time_is_up(web):
    web.drip("/slow")
    with pytest.raises(FetchLimitError):
        fetch(web, "/slow", seconds=0.3)


def test_a_compressed_body_and_a_missing_page_are_errors(web):
    web.text("/zip", "x", Content_Encoding="gzip")
    for path in ("/zip", "/none"):
        with pytest.raises(FetchError):
            fetch(web, path)


def test_headers_of_a_request_go_to_its_own_origin_alone(web):
    seen = []

    def elsewhere(handler):
        seen.append((handler.headers["Host"], handler.headers["Authorization"]))
        send(handler, 200, b"x", {})

    web.pages["/end"] = elsewhere
    web.redirect("/near", "/end")
    web.redirect("/far", f"http://other.example:{web.port}/end")
    fetcher = Fetcher(allowed_networks=LOOPBACK, resolver=at_home)
    for path in ("/near", "/far"):
        with fetcher.fetch(web.url(path), {"Authorization": "Bearer t0ken"}) as answer:
            assert b"".join(answer.blocks) == b"x"
    hosts = [f"{host}.example:{web.port}" for host in ("web", "other")]
    assert seen == [(hosts[0], "Bearer t0ken"), (hosts[1], None)]


def test_a_refusal_is_kept_for_a_request_with_headers_and_cut(web):
    web.pages["/no"] = lambda handler: send(handler, 403, b"r" * 10_000, {})
    fetcher = Fetcher(allowed_networks=LOOPBACK, resolver=at_home)
    for headers, length in (({"Authorization": "x"}, 4096), (None, 0)):
        with pytest.raises(FetchError) as caught, fetcher.fetch(web.url("/no"), headers):
            pass
        assert (caught.value.answered, len(caught.value.refusal)) == (403, length)
        assert "rrr" not in str(caught.value)
