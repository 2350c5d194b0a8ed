"""Deletion receipts over HTTP."""


def test_an_administrator_is_told_that_a_document_is_gone_and_then_erased(house, ann):
    admin = house.person("root", role="admin")
    document_id = ann.add("The lamp is lit at dusk.")
    path = f"/v1/admin/receipts/{document_id}"
    assert admin.get(path).status_code == 404
    ann.request("DELETE", f"/v1/documents/{document_id}")
    receipt = admin.get(path).json()
    assert receipt["finding"] in {"gone", "erased"}
    assert receipt["searchable"] == receipt["rows"] == receipt["originals"] == 0
    assert admin.post(f"{path}/erase").json()["finding"] == "erased"


def test_a_receipt_is_for_administrators_of_the_same_tenant(house, ann):
    document_id = ann.add("The lamp is lit at dusk.")
    ann.request("DELETE", f"/v1/documents/{document_id}")
    path = f"/v1/admin/receipts/{document_id}"
    assert ann.get(path).status_code == 403
    other = house.person("root", role="admin", tenant="north")
    missing = other.get("/v1/admin/receipts/doc_0").json()
    assert other.get(path).status_code == 404
    assert other.get(path).json()["detail"] == missing["detail"]
