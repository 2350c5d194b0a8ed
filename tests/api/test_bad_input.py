"""Bad input: each has a clear problem or a failed job with a reason, and the service goes on."""

import json

import pytest

from tests.api.conftest import LIMIT, House
from tests.fakes.pdf import column, write_pdf

MEDIA_TYPE = "application/problem+json"


def assert_problem(answer, status, code):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPE
    body = answer.json()
    assert body["status"] == status
    assert body["code"] == code
    assert body["title"]
    assert body["detail"]
    return body


@pytest.fixture
def still_fine(ann):
    """After the test: the service takes a document in and finds it."""
    yield
    document_id = ann.add("The service goes on.", filename="after.txt")
    results = ann.post("/v1/search", json={"query": "goes on"}).json()["passages"]
    assert results[0]["document_id"] == document_id


@pytest.mark.usefixtures("still_fine")
class TestUploads:
    def test_an_empty_file_is_refused(self, ann):
        assert_problem(ann.upload(""), 422, "empty-file")

    def test_a_file_that_no_parser_reads_fails_its_job_with_a_reason(self, ann):
        accepted = ann.upload(b"\x7fELF\x02\x01\x01" + bytes(64), filename="tool.bin")
        assert accepted.status_code == 202
        job = ann.job(accepted.json()["job_id"])
        assert (job["state"], job["code"]) == ("failed", "unsupported-type")
        assert job["reason"]
        view = ann.get(f"/v1/documents/{job['document_id']}").json()
        assert (view["state"], view["version"]) == ("failed", 0)

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (write_pdf([]), "broken-document"),
            (write_pdf([column(["The lamp."])], encrypted=True), "encrypted-document"),
            (b"%PDF-1.7 and nothing else", "broken-document"),
        ],
        ids=["no pages", "password", "damaged"],
    )
    def test_a_pdf_that_cannot_be_read_fails_its_job_with_a_reason(self, ann, content, code):
        accepted = ann.upload(content, filename="paper.pdf")
        assert accepted.status_code == 202
        job = ann.job(accepted.json()["job_id"])
        assert (job["state"], job["code"]) == ("failed", code)
        assert job["reason"].endswith(".")

    def test_invalid_utf_8_is_read_with_a_warning(self, ann):
        text = "The lamp is lit at dusk, and the log is written in black ink. " * 4
        document_id = ann.add(text.encode() + b"\xff\xfe\xfa lamp", filename="broken.txt")
        assert ann.get(f"/v1/documents/{document_id}").json()["warnings"]
        assert "lamp" in ann.get(f"/v1/documents/{document_id}/text").text

    def test_a_file_over_the_limit_is_refused(self, ann):
        assert_problem(ann.upload("x" * (LIMIT + 1)), 413, "too-large")

    def test_a_body_far_over_the_limit_is_refused_by_its_length_alone(self, ann):
        answer = ann.upload("x" * (LIMIT + (2 << 20)))
        assert_problem(answer, 413, "body-too-large")

    def test_a_body_of_unknown_length_is_refused_as_soon_as_it_is_too_long(self, ann):
        block_count = 0

        def blocks():
            nonlocal block_count
            yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
            for _ in range(300):
                block_count += 1
                yield b"x" * (1 << 20)
            yield b"\r\n--b--\r\n"

        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        answer = ann.post("/v1/documents", content=blocks(), headers=headers)
        assert_problem(answer, 413, "too-large")

    def test_a_malformed_principal_is_refused(self, ann):
        body = assert_problem(ann.upload("Text.", allow=["ann"]), 422, "invalid-principal")
        assert "user:<id>" in body["detail"]

    def test_an_upload_without_a_file_is_refused(self, ann):
        files = {"title": (None, "No file")}
        assert_problem(ann.post("/v1/documents", files=files), 422, "invalid-request")

    def test_an_upload_without_a_body_is_refused(self, ann):
        document_id = ann.add("First version.")
        assert_problem(ann.post("/v1/documents"), 422, "invalid-request")
        path = f"/v1/documents/{document_id}/content"
        assert_problem(ann.request("PUT", path), 422, "invalid-request")

    def test_a_broken_form_is_refused(self, ann):
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        answer = ann.post("/v1/documents", content=b"no form at all", headers=headers)
        assert_problem(answer, 400, "malformed-body")

    def test_a_form_without_a_boundary_is_refused(self, ann):
        headers = {"Content-Type": "multipart/form-data"}
        answer = ann.post("/v1/documents", content=b"no form at all", headers=headers)
        assert_problem(answer, 400, "malformed-body")

    @pytest.mark.parametrize("charset", ["punycode", "undefined", "unicode_escape", "utf-7", '"'])
    def test_a_form_in_a_codec_of_pythons_own_is_refused_before_it_is_read(self, ann, charset):
        part = b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\n-%b\r\n--b--\r\n'
        headers = {"Content-Type": f"multipart/form-data; boundary=b; charset={charset}"}
        body = part % (b"a" * LIMIT)  # punycode takes seconds for these
        answer = ann.post("/v1/documents", content=body, headers=headers)
        assert_problem(answer, 400, "malformed-body")

    @pytest.mark.parametrize("attributes", ["{", "[1]", "[" * 100_000])
    def test_attributes_that_are_no_json_object_are_refused(self, ann, attributes):
        assert ann.upload("Text.", attributes=attributes).status_code in {400, 422}

    @pytest.mark.parametrize("title", ["a\0b", "x" * 5000], ids=["NUL", "too long"])
    def test_a_title_that_no_database_or_page_could_show_is_refused(self, ann, title):
        assert_problem(ann.upload("text", title=title), 422, "invalid-request")

    def test_json_where_a_form_is_wanted_is_refused(self, ann):
        assert_problem(ann.post("/v1/documents", json={}), 415, "unsupported-media-type")


@pytest.mark.usefixtures("still_fine")
class TestBodies:
    def test_malformed_json_is_refused(self, ann):
        headers = {"Content-Type": "application/json"}
        answer = ann.post("/v1/search", content=b'{"query": ', headers=headers)
        assert_problem(answer, 400, "malformed-body")

    @pytest.mark.parametrize("body", [b"\xff\xfe", b"[" * 100_000, b'"\\ud800"'])
    def test_bytes_that_are_no_sound_json_are_refused(self, ann, body):
        headers = {"Content-Type": "application/json"}
        answer = ann.post("/v1/search", content=body, headers=headers)
        assert answer.status_code in {400, 422}
        assert answer.headers["content-type"] == MEDIA_TYPE

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"query": ""},
            {"query": 3},
            {"query": "a", "top_k": 0},
            {"query": "a", "top_k": 1000},
            {"query": "a", "unknown": 1},
            {"query": "a\x00b"},
            {"query": "x" * 5000},
        ],
    )
    def test_fields_that_do_not_fit_are_named(self, ann, body):
        results = assert_problem(ann.post("/v1/search", json=body), 422, "invalid-request")
        assert results["errors"]

    def test_what_was_sent_is_not_echoed(self, ann):
        answer = ann.post("/v1/search", json={"query": ["a secret"]})
        assert "a secret" not in answer.text

    def test_a_lone_surrogate_is_refused(self, ann):
        headers = {"Content-Type": "application/json"}
        answer = ann.post("/v1/search", content=b'{"query": "\\ud800"}', headers=headers)
        assert answer.status_code == 422

    def test_a_body_of_another_type_is_refused(self, ann):
        answer = ann.post("/v1/search", data={"query": "lamp"})
        assert_problem(answer, 415, "unsupported-media-type")

    def test_a_huge_json_body_is_refused(self, ann):
        answer = ann.post("/v1/search", json={"query": "x" * (2 << 20)})
        assert_problem(answer, 413, "body-too-large")

    def test_a_huge_json_body_of_unknown_length_is_refused(self, ann):
        blocks = (b"x" * (1 << 16) for _ in range(64))
        headers = {"Content-Type": "application/json"}
        answer = ann.post("/v1/search", content=blocks, headers=headers)
        assert_problem(answer, 413, "body-too-large")

    def test_a_filter_that_does_not_parse_is_refused(self, ann):
        answer = ann.post("/v1/search", json={"query": "a", "filters": {"$$$": {"no": 1}}})
        assert_problem(answer, 422, "invalid-filter")

    def test_a_malformed_principal_in_a_change_is_refused(self, ann):
        document_id = ann.add("Text.")
        path = f"/v1/documents/{document_id}"
        answer = ann.request("PATCH", path, json={"allow": ["everybody"]})
        assert_problem(answer, 422, "invalid-principal")

    def test_an_empty_access_list_is_refused(self, ann):
        document_id = ann.add("Text.")
        answer = ann.request("PATCH", f"/v1/documents/{document_id}", json={"allow": []})
        assert_problem(answer, 422, "invalid-access-list")


class TestCredentials:
    @pytest.mark.parametrize(
        "header",
        [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer fn_wrong", "Bearer a.b.c", "fn_x"],
    )
    def test_a_missing_or_wrong_key_is_refused(self, house, header):
        headers = {} if header is None else {"Authorization": header}
        answer = house.client.get("/v1/documents", headers=headers)
        assert_problem(answer, 401, "unauthorized")
        assert answer.headers["www-authenticate"].startswith("Bearer")

    def test_a_path_that_does_not_exist_needs_a_key_too(self, house):
        assert house.client.get("/v1/nothing").status_code == 401

    def test_a_key_is_asked_for_before_the_body_is_read(self, house):
        answer = house.client.post("/v1/search", content=b"{", headers={"Content-Type": "x/y"})
        assert_problem(answer, 401, "unauthorized")


class TestRequests:
    def test_a_time_that_is_in_no_year_of_utc_is_refused(self, house, ann):
        root, moment = house.person("root", role="admin"), "9999-12-31T23:59:59-14:00"
        document = ann.upload("The lamp.").json()["document_id"]
        answers = [
            root.get("/v1/admin/audit", params={"since": moment}),
            ann.get("/v1/me/acts", params={"until": moment}),
            root.post("/v1/admin/keys", json={"user": "root", "expires_at": moment}),
            ann.request("PATCH", f"/v1/documents/{document}", json={"expires_at": moment}),
        ]
        for answer in answers:
            assert_problem(answer, 422, "invalid-request")

    def test_a_file_of_the_page_is_only_read_and_says_so(self, house):
        answer = house.client.put("/static/index.html")
        assert_problem(answer, 405, "method-not-allowed")
        assert answer.headers["allow"] == "GET, HEAD"

    def test_a_method_that_a_route_lacks_is_refused(self, ann):
        answer = ann.request("DELETE", "/v1/documents")
        assert_problem(answer, 405, "method-not-allowed")
        assert answer.headers["allow"]

    def test_a_foreign_host_name_is_refused_on_loopback(self, house, ann):
        answer = ann.get("/v1/documents", headers={"Host": "evil.example.org"})
        assert_problem(answer, 421, "host-not-allowed")
        answer = house.client.get("/", headers={"Host": "evil.example.org:8000"})
        assert answer.status_code == 421

    @pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "LOCALHOST"])
    def test_the_names_of_loopback_are_served(self, ann, host):
        assert ann.get("/v1/documents", headers={"Host": host}).status_code == 200

    def test_too_many_requests_are_told_when_to_come_back(self, tmp_path):
        with House(tmp_path / "limited", rate_limit=6) as house:
            ann, bob = house.person("ann"), house.person("bob")
            assert ann.get("/v1/documents").status_code == 200
            answer = ann.get("/v1/documents")
            assert_problem(answer, 429, "rate-limited")
            assert 1 <= int(answer.headers["retry-after"]) <= 10
            assert bob.get("/v1/documents").status_code == 200

    def test_hidden_and_missing_answer_with_the_same_bytes(self, ann, bob):
        hidden = ann.add("Hidden from bob.")
        missing = "doc_" + "0" * 24
        for method, end, content in (
            ("GET", "", {}),
            ("GET", "/text", {}),
            ("GET", "/content", {}),
            ("GET", "/pages/1.png", {}),
            ("DELETE", "", {}),
            ("PATCH", "", {"json": {"title": "x"}}),
            ("PATCH", "", {"json": {"allow": ["user:bob"]}}),
            ("PUT", "/content", {"files": {"file": ("a.txt", b"a")}}),
        ):
            answers = [
                bob.request(method, f"/v1/documents/{name}{end}", **content)
                for name in (hidden, missing)
            ]
            assert [answer.status_code for answer in answers] == [404, 404]
            assert answers[0].content == answers[1].content
            assert _stable(answers[0]) == _stable(answers[1])

    def test_every_answer_carries_a_request_id(self, house, ann):
        ids = {
            answer.headers["x-request-id"]
            for answer in (ann.get("/v1/documents"), ann.get("/v1/nothing"), house.client.get("/"))
        }
        assert len(ids) == 3


def _stable(answer):
    return {name: value for name, value in answer.headers.items() if name != "x-request-id"}


def test_an_unforeseen_failure_says_nothing_of_itself(house, ann):
    @house.app.get("/v1/broken")
    def broken():
        raise RuntimeError("the secret recipe")

    answer = ann.get("/v1/broken")
    assert_problem(answer, 500, "internal-error")
    assert "recipe" not in json.dumps(answer.json())
