"""Documents over HTTP: in, seen by those who may, changed, replaced, gone."""

import hashlib

TEXT = "The lamp is lit at dusk.\n\nThe log is written in ink."


def test_an_upload_is_accepted_then_searchable(ann):
    answer = ann.upload(TEXT)
    assert answer.status_code == 202
    accepted = answer.json()
    assert set(accepted) == {"document_id", "version", "job_id"}
    job = ann.job(accepted["job_id"])
    assert (job["state"], job["reason"]) == ("succeeded", None)
    results = ann.post("/v1/search", json={"query": "lamp dusk"}).json()["passages"]
    assert results[0]["document_id"] == accepted["document_id"]


def test_a_document_belongs_to_its_uploader_alone_unless_said_otherwise(ann, bob):
    document_id = ann.add(TEXT)
    assert ann.get(f"/v1/documents/{document_id}").json()["allow"] == ["user:ann"]
    assert bob.get(f"/v1/documents/{document_id}").status_code == 404


def test_allow_deny_title_and_attributes_are_taken_from_the_form(ann):
    document_id = ann.add(
        TEXT,
        allow=["group:hr/all", "user:ann"],
        deny=["user:bob"],
        title="The lamp",
        attributes='{"year": 2026}',
    )
    view = ann.get(f"/v1/documents/{document_id}").json()
    assert view["allow"] == ["group:hr/all", "user:ann"]
    assert view["deny"] == ["user:bob"]
    assert (view["title"], view["attributes"]) == ("The lamp", {"year": 2026})


def test_a_deny_wins_over_an_allow(ann, bob):
    document_id = ann.add(TEXT, allow=["tenant:all"], deny=["user:bob"])
    assert bob.get(f"/v1/documents/{document_id}").status_code == 404


def test_the_text_is_served_as_offsets_count_it(ann):
    text = "Zoë keeps the lamp. \U0001f4a1\n\nÆther."
    document_id = ann.add(text)
    answer = ann.get(f"/v1/documents/{document_id}/text")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.content.decode() == text


def test_the_original_is_an_attachment_that_may_do_nothing(ann):
    page = "<p>The lamp is lit.</p><script>alert(1)</script>"
    document_id = ann.add(page, filename="zoë's page.html")
    answer = ann.get(f"/v1/documents/{document_id}/content")
    assert answer.content.decode() == page
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''zo%C3%AB")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["content-type"] == "application/octet-stream"


def test_an_idempotency_key_answers_the_same_again_and_refuses_another_body(ann):
    headers = {"Idempotency-Key": "once"}
    first = ann.upload(TEXT, headers=headers)
    again = ann.upload(TEXT, headers=headers)
    other = ann.upload("Something else.", headers=headers)
    assert (again.status_code, again.json()) == (202, first.json())
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-conflict")


def test_access_can_be_changed_and_the_next_request_sees_it(ann, bob):
    document_id = ann.add(TEXT)
    response = ann.request(
        "PATCH", f"/v1/documents/{document_id}", json={"allow": ["user:ann", "user:bob"]}
    )
    assert response.json()["allow"] == ["user:ann", "user:bob"]
    assert bob.get(f"/v1/documents/{document_id}").status_code == 200
    ann.request("PATCH", f"/v1/documents/{document_id}", json={"deny": ["user:bob"]})
    assert bob.get(f"/v1/documents/{document_id}").status_code == 404
    assert bob.post("/v1/search", json={"query": "lamp"}).json()["passages"] == []


def test_title_and_attributes_can_be_changed(ann):
    document_id = ann.add(TEXT)
    change = {"title": "Lamps", "attributes": {"shelf": 3}}
    view = ann.request("PATCH", f"/v1/documents/{document_id}", json=change).json()
    assert (view["title"], view["attributes"]) == ("Lamps", {"shelf": 3})


def test_an_owner_who_gives_away_the_right_to_read_hears_that_it_worked(ann):
    document_id = ann.add(TEXT)
    response = ann.request("PATCH", f"/v1/documents/{document_id}", json={"allow": ["user:bob"]})
    assert response.status_code == 204
    assert ann.get(f"/v1/documents/{document_id}").status_code == 404


def test_a_reader_may_not_change_what_others_own_but_a_curator_may(house, ann, bob):
    document_id = ann.add(TEXT, allow=["tenant:all"])
    carol = house.person("carol", role="curator")
    path = f"/v1/documents/{document_id}"
    assert bob.request("PATCH", path, json={"title": "Mine"}).status_code == 403
    assert bob.request("DELETE", path).status_code == 403
    assert carol.request("PATCH", path, json={"title": "Ours"}).status_code == 200


def test_what_a_curator_cannot_read_is_not_there(house, ann):
    document_id = ann.add(TEXT)
    carol = house.person("carol", role="curator")
    path = f"/v1/documents/{document_id}"
    assert carol.request("DELETE", path).status_code == 404


def test_a_new_version_replaces_the_old_one(ann):
    document_id = ann.add(TEXT)
    answer = ann.request(
        "PUT",
        f"/v1/documents/{document_id}/content",
        files={"file": ("note.txt", b"The bell is rung at noon.")},
    )
    assert answer.status_code == 202
    assert answer.json()["version"] == 2
    assert ann.job(answer.json()["job_id"])["state"] == "succeeded"
    assert ann.get(f"/v1/documents/{document_id}/text").text == "The bell is rung at noon."
    results = ann.post("/v1/search", json={"query": "lamp dusk"}).json()["passages"]
    assert all("lamp" not in passage["text"] for passage in results)


def test_a_deleted_document_is_gone_with_a_receipt(ann):
    document_id = ann.add(TEXT)
    receipt = ann.request("DELETE", f"/v1/documents/{document_id}").json()
    assert receipt["document_id"] == document_id
    assert receipt["deleted_at"]
    assert ann.get(f"/v1/documents/{document_id}").status_code == 404
    assert ann.post("/v1/search", json={"query": "lamp"}).json()["passages"] == []


def test_the_list_shows_what_one_may_read_page_by_page(ann, bob):
    for number in range(3):
        ann.add(f"Note {number}.", filename=f"{number}.txt")
    bob.add("Bob's own.", filename="bob.txt")
    first = ann.get("/v1/documents?limit=2").json()
    rest = ann.get(f"/v1/documents?limit=2&after={first['next']}").json()
    names = [item["filename"] for item in first["items"] + rest["items"]]
    assert names == ["2.txt", "1.txt", "0.txt"]
    assert rest["next"] is None


def test_jobs_are_their_submitters_alone(ann, bob):
    accepted = ann.upload(TEXT).json()
    ann.job(accepted["job_id"])
    assert bob.get(f"/v1/jobs/{accepted['job_id']}").status_code == 404
    assert bob.get("/v1/jobs").json() == {"items": []}
    assert [job["job_id"] for job in ann.get("/v1/jobs").json()["items"]] == [accepted["job_id"]]


def test_the_view_knows_size_and_checksum(ann):
    document_id = ann.add(TEXT)
    view = ann.get(f"/v1/documents/{document_id}").json()
    assert view["size"] == len(TEXT)
    assert view["sha256"] == hashlib.sha256(TEXT.encode()).hexdigest()
    assert view["state"] == "ready"


def test_a_format_without_pages_has_no_page_images(ann):
    document_id = ann.add(TEXT)
    answer = ann.get(f"/v1/documents/{document_id}/pages/1.png")
    assert (answer.status_code, answer.json()["code"]) == (404, "no-such-page")
