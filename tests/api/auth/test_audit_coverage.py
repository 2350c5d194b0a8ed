"""No administrative command or route acts without a row in the audit log, and each takes a reason.

The commands come from the parser of the command line, the routes from the OpenAPI description: a
new one that is in no list here fails.
"""

import json
from urllib.parse import quote

import pytest

from api.cli import command_tree, main
from index.audit.query import list_acts
from index.audit.verification import tenants_with_audit, verify_chain
from index.db.database import Database
from tests.api.conftest import House

KEY = "AKIAQ3EGUMVN2PTKXD4Z"
REASON = "ticket 7"

ADMINISTRATIVE = ("admin", "backup", "restore", "verify", "doctor", "policy")
"""Branches of the command line; ``review`` has its rows by the routes' services."""

COMMANDS = [
    ("admin tenant create", ["harbour"], "tenant-create"),
    ("admin tenant quota", ["harbour", "--quota", "asks=5"], "tenant-change"),
    ("admin tenant suspend", ["harbour"], "tenant-suspend"),
    ("admin tenant resume", ["harbour"], "tenant-resume"),
    ("admin tenant publishing", ["open"], "publishing-set"),
    ("admin key create", ["--user", "ann"], "key-create"),
    ("admin key rotate", ["{key_id}"], "key-rotate"),
    ("admin key revoke", ["{key_id}"], "key-revoke"),
    ("admin group add", ["hr/all", "user:ann"], "group-add"),
    ("admin group remove", ["hr/all", "user:ann"], "group-remove"),
    ("admin contributor add", ["group:hr/all", "user:ann"], "contributor-add"),
    ("admin contributor remove", ["group:hr/all", "user:ann"], "contributor-remove"),
    ("admin identity add", ["--issuer", "https://i", "--subject", "4", "--user", "ann"],
     "identity-map"),
    ("admin identity remove", ["--issuer", "https://i", "--subject", "4"], "identity-unmap"),
    ("admin person suspend", ["ann"], "person-suspend"),
    ("admin person resume", ["ann"], "person-resume"),
    ("admin queue pause", ["--everybody"], "queue-pause"),
    ("admin queue resume", ["--everybody"], "queue-resume"),
    ("admin queue requeue", [], "queue-requeue"),
    ("admin quarantine release", ["{first}"], "document-release"),
    ("admin quarantine reject", ["{second}"], "document-reject"),
    ("admin receipt", ["{second}", "--erase"], "document-erase"),
    ("admin reingest", ["--everything", "--queue-only"], "reingest"),
    ("admin model embed", ["bundled"], "model-embed"),
    ("admin model use", ["bundled"], "model-use"),
    ("admin sweep", [], "sweep"),
    ("admin sweep", ["--confirm"], "sweep-confirm"),
    ("admin trash restore", [], "trash-restore"),
    ("admin trash empty", ["--confirm"], "trash-empty"),
    ("admin adopt-originals", ["--confirm"], "originals-adopt"),
    ("admin tenant export", ["harbour", "{folder}/harbour.tar"], "tenant-export"),
    ("admin tenant delete", ["harbour", "--yes"], "tenant-delete"),
    ("verify", [], "store-verify"),
    ("backup", ["{folder}/backup.tar"], "store-backup"),
    ("backup", ["{folder}/states", "--incremental"], "store-backup"),
    ("restore", ["{folder}/backup.tar", "--data", "{folder}/restored"], "store-restore"),
    ("doctor", ["--migrate"], "store-migrate"),
]  # fmt: skip
"""A command, its arguments, and the act of its row; in the order in which they are run."""

ELSEWHERE = {
    "policy guard": "it needs a guard: tests/generate/guardrails/test_guard_preset.py",
}

READING = {
    "admin tenant list", "admin tenant show", "admin key list", "admin group list",
    "admin identity list",
    "admin contributor list", "admin access", "admin queue show", "admin queue failed",
    "admin quarantine list", "admin usage", "admin model list", "admin trash list",
    "admin audit list", "admin audit export", "admin audit verify", "policy check", "policy show",
}  # fmt: skip
"""Commands that change nothing and show no content: they leave no row."""


def leaves(command, words=()):
    for name, each in getattr(command, "commands", {}).items():
        if hasattr(each, "commands"):
            yield from leaves(each, (*words, name))
        else:
            yield " ".join((*words, name)), each


@pytest.fixture(scope="module")
def commands():
    return {
        name: command
        for name, command in leaves(command_tree())
        if name.split()[0] in ADMINISTRATIVE
    }


def test_every_administrative_command_is_known_to_act_or_to_read(commands):
    assert set(commands) == {name for name, _, _ in COMMANDS} | READING | set(ELSEWHERE)


def test_every_command_that_acts_takes_a_reason_and_no_other_does(commands):
    with_reason = {
        name
        for name, command in commands.items()
        if any("--reason" in parameter.opts for parameter in command.params)
    }
    assert with_reason == set(commands) - READING


def test_every_administrative_command_that_acts_leaves_a_row_with_its_reason(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.setenv("FOOTNOTE_SCREEN_SECRET", "quarantine")
    data = tmp_path / "data"
    for name, text in (("first", f"The oil key is {KEY}."), ("second", f"The wick key is {KEY}.")):
        (tmp_path / f"{name}.txt").write_text(text)
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 broken")

    def run(*words):
        capsys.readouterr()
        status = main([*words, "--json"] if "--data" in words else [*words, "--json", *at])
        return status, capsys.readouterr()

    at = ["--data", str(data)]
    main(["ingest", str(tmp_path), *at])
    _, printed = run("admin", "quarantine", "list")
    held = {item["filename"]: item["document_id"] for item in json.loads(printed.out)["items"]}
    names = {"folder": str(tmp_path), "first": held["first.txt"], "second": held["second.txt"]}
    for name, arguments, act in COMMANDS:
        filled = [argument.format(**names) for argument in arguments]
        status, printed = run(*name.split(), *filled, "--reason", REASON)
        assert status in {0, 1 if name in {"doctor", "admin quarantine release"} else 0}, (
            name, printed.err,
        )  # fmt: skip
        if "key_id" in printed.out:
            names["key_id"] = json.loads(printed.out)["key_id"]
        folder = tmp_path / "restored" if name == "restore" else data
        row = newest(folder, act)
        assert row is not None, name
        assert row.actor in {"operator", "user:local"}, name
        assert row.reason == REASON, name
        assert row.credential.startswith("os:"), name


def newest(folder, act):
    """Return the newest row of an act, in whichever tenant's chain."""
    database = Database.in_folder(folder)
    try:
        rows = [
            row
            for tenant in tenants_with_audit(database)
            for row in list_acts(database, tenant)
            if row.act == act
        ]
        assert all(verify_chain(database, name).is_intact for name in tenants_with_audit(database))
    finally:
        database.engine.dispose()
    return max(rows, key=lambda row: row.at, default=None)


# The routes.

PREFIXES = ("/v1/admin", "/v1/quarantine", "/v1/reviews", "/v1/sources", "/v1/webhooks")
HOOK = {"url": "http://127.0.0.1:9/x", "events": ["document.ready"]}
MEMBER = {"member": "user:ann", "group": "group:hr/all"}
CONTRIBUTOR = {"member": "user:ann", "audience": "group:hr/all"}
POLICY = """
version: "1"
rules:
  - {name: zeus, words: [zeus], stages: [before], action: review, message: "Zeus is sensitive."}
"""

ROUTES = {
    ("POST", "/v1/admin/tenants"): ({"tenant": "harbour"}, "tenant-create"),
    ("PATCH", "/v1/admin/tenants/{tenant}"): ({"name": "Harbour"}, "tenant-change"),
    ("POST", "/v1/admin/tenants/{tenant}/suspend"): (None, "tenant-suspend"),
    ("POST", "/v1/admin/tenants/{tenant}/resume"): (None, "tenant-resume"),
    ("PATCH", "/v1/admin/tenant"): ({"publishing": "own"}, "publishing-set"),
    ("PATCH", "/v1/admin/screening"): ({"secret": "quarantine"}, "screening-set"),
    ("POST", "/v1/admin/keys"): ({"user": "fred"}, "key-create"),
    ("POST", "/v1/admin/keys/{key_id}/rotate"): (None, "key-rotate"),
    ("DELETE", "/v1/admin/keys/{key_id}"): (None, "key-revoke"),
    ("POST", "/v1/admin/members"): (MEMBER, "group-add"),
    ("DELETE", "/v1/admin/members"): (MEMBER, "group-remove"),
    ("POST", "/v1/admin/contributors"): (CONTRIBUTOR, "contributor-add"),
    ("DELETE", "/v1/admin/contributors"): (CONTRIBUTOR, "contributor-remove"),
    ("POST", "/v1/admin/people/{user}/suspend"): (None, "person-suspend"),
    ("POST", "/v1/admin/people/{user}/resume"): (None, "person-resume"),
    ("POST", "/v1/admin/queue/pause"): ({"reason": "move"}, "queue-pause"),
    ("POST", "/v1/admin/queue/resume"): (None, "queue-resume"),
    ("POST", "/v1/admin/queue/requeue"): ({}, "queue-requeue"),
    ("POST", "/v1/admin/reingest"): ({"everything": True}, "reingest"),
    ("POST", "/v1/admin/policy/reload"): (None, "policy-reload"),
    ("POST", "/v1/quarantine/{document_id}/reject"): ({}, "document-reject"),
    ("POST", "/v1/quarantine/{document_id}/release"): (None, "document-release"),
    ("POST", "/v1/admin/receipts/{document_id}/erase"): (None, "document-erase"),
    ("POST", "/v1/reviews/{review_id}/decide"): ({"decision": "approve"}, "review-approve"),
    ("POST", "/v1/sources"): ({"kind": "folder", "location": "/x"}, "source-set"),
    ("DELETE", "/v1/sources/{source_id}"): (None, "source-delete"),
    ("POST", "/v1/webhooks"): (HOOK, "webhook-create"),
    ("PATCH", "/v1/webhooks/{webhook_id}"): ({"events": ["document.failed"]}, "webhook-change"),
    ("POST", "/v1/webhooks/{webhook_id}/rotate"): (None, "webhook-rotate"),
    ("POST", "/v1/webhooks/{webhook_id}/ping"): (None, "webhook-ping"),
    ("DELETE", "/v1/webhooks/{webhook_id}"): (None, "webhook-delete"),
}

NO_ACT = {
    ("POST", "/v1/sources/{source_id}/refresh"): "fetches again; a version that it brings has the "
    "row document-version",
}


@pytest.fixture
def house(tmp_path):
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY)
    settings = {"egress_allow": ["127.0.0.0/8"], "webhook_senders": 0}
    with House(tmp_path / "data", policy=policy, screen_secret="quarantine", **settings) as house:
        yield house


def test_every_administrative_route_that_acts_is_known(description):
    routes = {
        (method.upper(), path)
        for path, methods in description["paths"].items()
        for method in methods
        if method != "get" and path.startswith(PREFIXES)
    }
    assert routes == set(ROUTES) | set(NO_ACT)


def test_every_administrative_route_that_acts_leaves_a_row_with_person_credential_and_reason(house):
    people = {
        "operator": house.person("olga", role="operator"),
        "admin": house.person("root", role="admin"),
    }
    ids = prepare(house, people["admin"])
    for (method, path), (body, act) in ROUTES.items():
        role = "operator" if "/tenants" in path else "admin"
        key = "params" if method == "DELETE" else "json"
        content = {} if body is None else {key: body}
        filled = path.format(**ids)
        if act == "document-release":
            filled = filled.replace(ids["document_id"], ids["other_id"])
        headers = {"Audit-Reason": quote(REASON)}
        reply = people[role].request(method, filled, headers=headers, **content)
        assert reply.is_success, (path, reply.text)
        ids |= {name: value for name, value in as_json(reply).items() if name == "key_id"}
        row = newest_in(house, act)
        assert (row.actor, row.reason) == (
            f"user:{'olga' if role == 'operator' else 'root'}",
            REASON,
        )
        assert row.credential.startswith("key_"), path


def prepare(house, root):
    """Make what the routes act on: held documents, a failed job, a held question, a source."""
    ann = house.person("ann")
    ids = {"tenant": "harbour", "user": "eve"}
    for name, word in (("document_id", "oil"), ("other_id", "wick")):
        accepted = ann.upload(f"The lamp {word} key is {KEY}.", filename=f"{word}.txt").json()
        ann.job(accepted["job_id"])
        ids[name] = accepted["document_id"]
    failed = ann.upload(b"%PDF-1.7 broken", filename="broken.pdf").json()
    ann.job(failed["job_id"])
    ann.add("The lamp is lit.")
    ids["review_id"] = ann.post("/v1/ask", json={"question": "Where is Zeus?"}).json()["review"][
        "id"
    ]
    source = root.post("/v1/sources", json={"kind": "folder", "location": "/y"}).json()
    ids["source_id"] = source["source"]["source_id"]
    ids["webhook_id"] = root.post("/v1/webhooks", json=HOOK).json()["webhook"]["webhook_id"]
    return ids


def as_json(reply):
    return reply.json() if reply.content else {}


def newest_in(house, act):
    house.service.reads.flush()
    database = house.service.database
    rows = [row for name in tenants_with_audit(database) for row in list_acts(database, name)]
    return max((row for row in rows if row.act == act), key=lambda row: row.at)


# The policy's file has no author: whoever can write it changes it. The service notices.


def test_a_change_of_the_policys_file_is_recorded_by_the_service_that_notices_it(house, tmp_path):
    first = house.service.pipelines.current.answering.policy.state.version
    assert newest_in(house, "policy-change").object == first
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY.replace('"1"', '"2"'))
    state = house.service.pipelines.current.answering.policy.reload(only_if_changed=True)
    assert newest_in(house, "policy-change").object == state.version != first
    policy.write_text("rules: [")
    house.service.pipelines.current.answering.policy.reload(only_if_changed=True)
    refused = newest_in(house, "policy-refuse")
    assert (refused.object, refused.actor) == (state.version, "service")
    assert refused.details["error"]


def test_a_policy_that_was_changed_while_no_service_ran_is_recorded_at_the_next_start(
    tmp_path,
):
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY)
    with House(tmp_path / "data", policy=policy) as house:
        assert len(changes(house)) == 1
    with House(tmp_path / "data", policy=policy) as house:
        assert len(changes(house)) == 1
    with House(tmp_path / "data") as house:
        assert [row.details["source"] for row in changes(house)] == ["built in", str(policy)]


def changes(house):
    house.service.reads.flush()
    rows = list_acts(house.service.database, "default")
    return [row for row in rows if row.act == "policy-change"]
