"""Provisioning: a provider's people and groups are those of the access lists."""

import asyncio

import pytest

from api.auth.api_keys import KeyTerms, create_key
from api.auth.identities import find_identity, map_identity
from api.auth.people import resume_person, suspend_person
from index.audit.query import list_acts
from ingest.queue.administration import pause_queue, resume_queue
from tests.api.conftest import House, Person
from tests.fakes.asgi_client import OpenRequest, until

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
ISSUER = "https://login.example.org"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with House(tmp_path_factory.mktemp("scim"), oidc_issuer=ISSUER) as house:
        yield house


def provider(house, tenant="default", scopes=("scim",)):
    key, _ = create_key(
        house.service.database, tenant, "idp", role="admin", terms=KeyTerms(frozenset(scopes))
    )
    return Provider(house.client, key)


class Provider(Person):
    """An identity provider with its key."""

    def send(self, method, path, body=None, **headers):
        options = {"headers": {"Content-Type": "application/scim+json"} | headers}
        options |= {} if body is None else {"json": body}
        return self.request(method, f"/scim/v2{path}", **options)

    def user(self, name, **attributes):
        reply = self.send("POST", "/Users", {"schemas": [USER], "userName": name, **attributes})
        assert reply.status_code == 201, reply.text
        return reply.json()

    def group(self, name, *members):
        body = {"schemas": [GROUP], "displayName": name}
        body["members"] = [{"value": member["id"]} for member in members]
        reply = self.send("POST", "/Groups", body)
        assert reply.status_code == 201, reply.text
        return reply.json()

    def patch(self, resource, *operations, **headers):
        kind = resource["meta"]["resourceType"]
        body = {"schemas": [PATCH], "Operations": list(operations)}
        return self.send("PATCH", f"/{kind}s/{resource['id']}", body, **headers)


@pytest.fixture(scope="module")
def idp(house):
    return provider(house)


def key_of(house, user):
    return Person(house.client, create_key(house.service.database, "default", user)[0])


# Who may provision.


def test_only_an_administrators_key_with_the_scope_provisions(house):
    for role in ("reader", "curator", "operator"):
        refused = house.person("rita", role=role).get("/scim/v2/Users")
        assert (refused.status_code, refused.json()["status"]) == (403, "403")
    assert provider(house, scopes=["read", "admin"]).send("GET", "/Users").status_code == 403
    refused = house.client.get("/scim/v2/Users")
    assert (refused.status_code, refused.headers["content-type"]) == (401, "application/scim+json")
    assert refused.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]


def test_a_key_that_provisions_reads_nothing_and_manages_nothing_else(idp):
    for path in ("/v1/documents", "/v1/admin/keys", "/v1/me"):
        assert idp.get(path).status_code == 403
    assert idp.post("/v1/ask", json={"question": "?"}).status_code == 403


def test_tenants_are_a_wall(house, idp):
    other = provider(house, tenant="elsewhere")
    ann = idp.user("wall@example.org", externalId="wall")
    group = idp.group("Wall", ann)
    assert other.send("GET", f"/Users/{ann['id']}").status_code == 404
    assert other.send("DELETE", f"/Groups/{group['id']}").status_code == 404
    assert (
        other.send("GET", '/Users?filter=userName eq "wall@example.org"').json()["totalResults"]
        == 0
    )
    body = {"schemas": [GROUP], "displayName": "Mine", "members": [{"value": ann["id"]}]}
    refused = other.send("POST", "/Groups", body)
    assert (refused.status_code, refused.json()["scimType"]) == (400, "invalidValue")


# People.


def test_a_person_is_kept_without_what_nobody_needs(idp):
    made = idp.user(
        "carla@example.org", displayName="Carla", externalId="c1", nickName="Cat",
        schemas=[USER, ENTERPRISE], **{ENTERPRISE: {"department": "Oil"}},
    )  # fmt: skip
    assert (made["displayName"], made["userName"]) == ("Carla", "carla@example.org")
    assert "nickName" not in made
    assert ENTERPRISE not in made
    again = idp.send("GET", f"/Users/{made['id']}")
    assert again.json() == made
    assert again.headers["etag"] == made["meta"]["version"]


def test_a_name_is_given_once(idp):
    idp.user("dup@example.org")
    body = {"schemas": [USER], "userName": "DUP@example.org"}
    refused = idp.send("POST", "/Users", body)
    assert (refused.status_code, refused.json()["scimType"]) == (409, "uniqueness")


def test_the_subject_of_the_issuer_is_the_external_id(house, idp):
    database = house.service.database
    idp.user("finn@example.org", externalId="f1")
    assert find_identity(database, ISSUER, "f1").actor.owner == "user:finn@example.org"
    map_identity(database, "default", issuer=ISSUER, subject="g1", user="gina")
    idp.user("gina@example.org", externalId="g1")
    assert find_identity(database, ISSUER, "g1").actor.owner == "user:gina"


def test_a_new_person_never_gets_what_was_somebody_elses(house, idp):
    owner = key_of(house, "olaf@example.org")
    owner.add("Olaf's lamp.")
    made = idp.user("olaf@example.org", externalId="o1")
    found = find_identity(house.service.database, ISSUER, "o1").actor.owner
    assert found.startswith("user:olaf@example.org-")
    idp.send("DELETE", f"/Users/{made['id']}")
    idp.user("olaf@example.org", externalId="o2")
    assert find_identity(house.service.database, ISSUER, "o2").actor.owner != found


def test_who_is_deactivated_is_out_at_once_and_comes_back(house, idp):
    hugo = idp.user("hugo@example.org", externalId="h1")
    key = key_of(house, "hugo@example.org")
    assert key.get("/v1/me").status_code == 200
    off = {"op": "Replace", "path": "active", "value": "False"}
    assert idp.patch(hugo, off).json()["active"] is False
    assert key.get("/v1/me").status_code == 401
    assert find_identity(house.service.database, ISSUER, "h1") is None
    assert idp.patch(hugo, {"op": "replace", "value": {"active": True}}).json()["active"] is True
    assert key.get("/v1/me").status_code == 200


def test_a_provider_that_repeats_itself_ends_no_suspension(house, idp):
    ida = idp.user("ida@example.org", active=True)
    key = key_of(house, "ida@example.org")
    suspend_person(house.service.database, "default", "ida@example.org")
    idp.patch(ida, {"op": "replace", "path": "active", "value": True})
    assert key.get("/v1/me").status_code == 401


def test_a_provider_ends_its_own_suspensions_and_no_administrators(house, idp):
    """Whoever of the two came first: what an administrator has suspended, one has to resume."""
    database = house.service.database
    off, on = ({"op": "replace", "path": "active", "value": value} for value in (False, True))
    for name, steps in {
        "first": ("suspend", off, on), "second": (off, "suspend", on), "again": ("suspend", on),
    }.items():  # fmt: skip
        person = idp.user(f"{name}@example.org")
        key = key_of(house, f"{name}@example.org")
        for step in steps:
            if step == "suspend":
                suspend_person(database, "default", f"{name}@example.org")
            else:
                assert idp.patch(person, step).status_code == 200
        assert key.get("/v1/me").status_code == 401, name
        resume_person(database, "default", f"{name}@example.org")
        assert key.get("/v1/me").status_code == 200, name
        idp.patch(person, off)
        idp.patch(person, on)
        assert key.get("/v1/me").status_code == 200, name
    house.service.reads.flush()
    changes = [
        row.details.get("suspended") for row in list_acts(database, "default")
        if (row.act, row.object) == ("scim-patch", "user:first@example.org")
    ]  # fmt: skip
    assert changes.count(True) == 1


def test_a_stream_ends_when_its_person_is_deactivated(house, idp):
    jens = idp.user("jens@example.org")
    key = key_of(house, "jens@example.org")
    pause_queue(house.service.database, "default", by="user:root")
    job_id = key.upload("The ferry leaves at nine.").json()["job_id"]
    request = OpenRequest(house.app, key.key, "GET", f"/v1/jobs/{job_id}/events")

    async def scene():
        task = asyncio.create_task(request.run())
        await until(lambda: request.text)
        off = {"op": "replace", "path": "active", "value": False}
        await asyncio.to_thread(idp.patch, jens, off)
        await asyncio.wait_for(task, 120)

    asyncio.run(scene())
    resume_queue(house.service.database, "default")
    last = request.text.strip().split("\n\n")[-1]
    assert last.startswith("event: error\n")
    assert "unauthorized" in last


def test_a_deleted_person_loses_keys_identity_and_groups_for_good(house, idp):
    kaja = idp.user("kaja@example.org", externalId="k1")
    group = idp.group("Readers", kaja)
    key = key_of(house, "kaja@example.org")
    assert idp.send("DELETE", f"/Users/{kaja['id']}").status_code == 204
    assert idp.send("GET", f"/Users/{kaja['id']}").status_code == 404
    assert key.get("/v1/me").status_code == 401
    assert find_identity(house.service.database, ISSUER, "k1") is None
    assert "members" not in idp.send("GET", f"/Groups/{group['id']}").json()


# Groups.


def test_a_provisioned_group_stands_in_access_lists(house, idp):
    lisa, mia = (idp.user(f"{name}@example.org") for name in ("lisa", "mia"))
    keys = [key_of(house, f"{name}@example.org") for name in ("lisa", "mia")]
    document = house.person("owner", role="curator").add(
        "The log is written in ink.", allow=["group:scim/Log-keepers"]
    )
    group = idp.group("Log keepers", lisa)
    path = f"/v1/documents/{document}"
    assert [key.get(path).status_code for key in keys] == [200, 404]
    shown = idp.send("GET", f"/Users/{lisa['id']}").json()["groups"]
    assert [(each["value"], each["display"]) for each in shown] == [(group["id"], "Log keepers")]
    idp.patch(group, {"op": "add", "path": "members", "value": [{"value": mia["id"]}]})
    idp.patch(group, {"op": "remove", "path": f'members[value eq "{lisa["id"]}"]'})
    assert [key.get(path).status_code for key in keys] == [404, 200]
    entra = {"op": "Remove", "path": "members", "value": [{"value": mia["id"]}]}
    assert idp.patch(group, entra).status_code == 200
    assert [key.get(path).status_code for key in keys] == [404, 404]


def test_a_group_that_is_renamed_stays_itself_and_another_of_its_name_is_another(house, idp):
    nils = idp.user("nils@example.org")
    key = key_of(house, "nils@example.org")
    group = idp.group("Pilots", nils)
    idp.patch(group, {"op": "replace", "path": "displayName", "value": "Guides"})
    idp.group("Pilots")
    assert key.get("/v1/me").json()["groups"] == ["group:scim/Pilots"]


def test_a_group_made_under_the_name_of_a_deleted_one_gets_nothing_that_was_granted_to_that(
    house, idp
):
    petra, rosa = (idp.user(f"{name}@example.org") for name in ("petra", "rosa"))
    keys = [key_of(house, f"{name}@example.org") for name in ("petra", "rosa")]
    document = house.person("owner", role="curator").add(
        "The chart shows a reef.", allow=["group:scim/Surveyors"]
    )
    first = idp.group("Surveyors", petra)
    path = f"/v1/documents/{document}"
    assert [key.get(path).status_code for key in keys] == [200, 404]
    assert idp.send("DELETE", f"/Groups/{first['id']}").status_code == 204
    for _ in range(2):  # the name is free again, and its principals are not
        again = idp.group("Surveyors", petra, rosa)
        assert [key.get(path).status_code for key in keys] == [404, 404]
        [group] = keys[1].get("/v1/me").json()["groups"]
        assert group.startswith("group:scim/Surveyors-")
        assert idp.send("DELETE", f"/Groups/{again['id']}").status_code == 204
    access = {"allow": [group, "user:owner"]}
    assert house.person("owner", role="curator").request("PATCH", path, json=access).is_success
    latest = idp.group("Surveyors", rosa)
    assert latest["id"] != again["id"]
    assert keys[1].get(path).status_code == 404


def test_a_group_in_a_group_counts(house, idp):
    otto = idp.user("otto@example.org")
    crew = idp.group("Crew", otto)
    idp.group("Everybody aboard", crew)
    groups = key_of(house, "otto@example.org").get("/v1/me").json()["groups"]
    assert groups == ["group:scim/Crew", "group:scim/Everybody-aboard"]


# Lists, states and errors.


def test_lists_have_filters_and_pages(idp):
    for number in range(5):
        idp.user(f"page{number}@example.org", externalId=f"p{number}", displayName="Page")

    def found(query):
        reply = idp.send("GET", f"/Users?{query}").json()
        return reply["totalResults"], [each["userName"] for each in reply.get("Resources", [])]

    assert found('filter=userName eq "PAGE3@example.org"') == (1, ["page3@example.org"])
    assert found('filter=externalId eq "p2"') == (1, ["page2@example.org"])
    assert found('filter=externalId eq "P2"') == (0, [])
    condition = 'userName sw "page" and not (externalId eq "p0")'
    assert found(f"filter={condition}&startIndex=2&count=2") == (
        4, ["page2@example.org", "page3@example.org"],
    )  # fmt: skip
    assert found('filter=userName sw "page"&count=0') == (5, [])
    total, _ = found("startIndex=1&count=1")
    assert total >= 5


@pytest.mark.parametrize(
    ("method", "path", "body", "scim_type"),
    [
        ("GET", "/Users?filter=userName is ann", None, "invalidFilter"),
        ("POST", "/Users", {"schemas": [USER]}, "invalidValue"),
        ("POST", "/Users", {"schemas": [USER], "userName": ""}, "invalidValue"),
        ("POST", "/Users", {"schemas": [USER], "userName": "x" * 201}, "invalidValue"),
        ("POST", "/Groups", {"schemas": [GROUP], "displayName": "   "}, "invalidValue"),
    ],
)
def test_what_does_not_fit_is_refused_in_scims_words(idp, method, path, body, scim_type):
    refused = idp.send(method, path, body)
    assert (refused.status_code, refused.json().get("scimType")) == (400, scim_type)
    assert refused.headers["content-type"] == "application/scim+json"


@pytest.mark.parametrize("escape", ["\\u0000", "\\ud800"])
def test_a_text_that_only_a_filter_spells_is_refused_where_it_would_be_stored_or_compared(
    idp, escape
):
    quin = idp.user(f"quin{escape[2:]}@example.org")
    path = f'emails[display eq "{escape}"].value'
    refused = [idp.patch(quin, {"op": "replace", "path": path, "value": "q@example.org"})]
    for name in ("userName", "externalId", "id"):
        listing = idp.request("GET", "/scim/v2/Users", params={"filter": f'{name} eq "{escape}"'})
        refused.append(listing)
    assert [each.status_code for each in refused] == [400] * 4, refused[0].text
    assert idp.send("GET", "/Users").status_code == 200  # nobody's list is broken by it


def test_a_page_beyond_every_number_of_a_database_is_empty(idp):
    idp.user("rolf@example.org")
    beyond = idp.send("GET", f"/Users?startIndex={10**30}&count={10**30}")
    assert (beyond.status_code, beyond.json()["itemsPerPage"]) == (200, 0)


def test_a_change_for_another_state_is_refused(idp):
    paul = idp.user("paul@example.org")
    change = {"op": "replace", "path": "displayName", "value": "Paul"}
    changed = idp.patch(paul, change, **{"If-Match": paul["meta"]["version"]})
    assert changed.status_code == 200
    refused = idp.patch(paul, change, **{"If-Match": paul["meta"]["version"]})
    assert (refused.status_code, refused.json()["status"]) == (412, "412")
    path, tag = f"/Users/{paul['id']}", changed.headers["etag"]
    assert idp.send("GET", path, **{"If-None-Match": tag}).status_code == 304
    assert idp.send("DELETE", path, **{"If-Match": '"other"'}).status_code == 412
    assert idp.send("DELETE", path, **{"If-Match": tag}).status_code == 204


def test_every_act_leaves_a_row_with_the_providers_key_and_reason(house, idp):
    rita = idp.user("rita@example.org")
    idp.patch(rita, {"op": "replace", "path": "displayName", "value": "Rita"})
    replacement = {"schemas": [USER], "userName": "rita@example.org", "active": False}
    idp.send("PUT", f"/Users/{rita['id']}", replacement, **{"Audit-Reason": "ticket%207"})
    idp.send("DELETE", f"/Users/{rita['id']}")
    house.service.reads.flush()
    rows = list_acts(house.service.database, "default")
    acts = {row.act: row for row in rows if row.object == "user:rita@example.org"}
    assert set(acts) == {"scim-create", "scim-patch", "scim-replace", "scim-delete"}
    assert acts["scim-replace"].reason == "ticket 7"
    assert acts["scim-replace"].details["active"] is False
    assert all(row.credential.startswith("key_") for row in acts.values())
