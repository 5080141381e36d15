"""Change tracking of the sandbox's Graph folders: rounds, moves, filters, expired and spoilt tokens."""

from __future__ import annotations

import pytest

from sandbox import microsoft
from tests.sandbox.graph_seeds import BO, IMMUTABLE, graph, letter, mime

INBOX = "me/mailFolders/inbox/messages/delta"


def test_a_first_round_gives_everything_in_pages_and_a_link_in_key_form() -> None:
    g = graph([letter(n) for n in range(1, 8)])
    pages = list(g.pages(INBOX, prefer="odata.maxpagesize=3"))
    assert [len(page["value"]) for page in pages] == [3, 3, 1]
    items, link = g.round(INBOX, orderby="receivedDateTime desc", select="subject")
    assert [one["subject"] for one in items] == [f"Letter {n}" for n in range(7, 0, -1)]
    assert link.startswith("http://sandbox/v1.0/me/mailFolders('inbox')/messages/delta?$deltatoken=")
    assert set(items[0]) == {"@odata.type", "@odata.etag", "id", "subject"}
    assert g.round(link)[0] == []


def test_rounds_tell_what_came_changed_moved_and_went() -> None:
    g = graph([letter(1), letter(2), letter(3)])
    items, inbox = g.round(INBOX, IMMUTABLE)
    _, archive = g.round("me/mailFolders/archive/messages/delta", IMMUTABLE)
    by_subject = {one["subject"]: one["id"] for one in items}
    g.patch(f"me/messages/{by_subject['Letter 1']}", {"isRead": False})
    g.post(f"me/messages/{by_subject['Letter 2']}/move", {"destinationId": "archive"})
    g.post(f"me/messages/{by_subject['Letter 3']}/permanentDelete", status=204)
    microsoft.deliver(g.store, g.account(), mime(4))
    told, inbox = g.round(inbox, IMMUTABLE)
    assert {one["id"]: one.get("@removed", {}).get("reason") for one in told} == {
        by_subject["Letter 1"]: None,
        by_subject["Letter 2"]: "changed",
        by_subject["Letter 3"]: "deleted",
        told[-1]["id"]: None,
    }
    assert told[-1]["subject"] == "Letter 4" and not told[-1]["isRead"]
    assert [one["id"] for one in g.round(archive, IMMUTABLE)[0]] == [by_subject["Letter 2"]]
    assert g.round(inbox, IMMUTABLE)[0] == []


def test_a_move_changes_the_id_that_is_not_immutable() -> None:
    g = graph([letter(1)])
    old = g.get("me/messages")["value"][0]["id"]
    new = g.post(f"me/messages/{old}/move", {"destinationId": "archive"})["id"]
    assert old != new and g.call("GET", f"me/messages/{old}").code == "ErrorItemNotFound"
    same = g.get(f"me/messages/{new}", IMMUTABLE)["id"]
    assert g.post(f"me/messages/{same}/move", {"destinationId": "inbox"}, prefer=IMMUTABLE)["id"] == same


def test_what_changes_during_a_first_round_is_told_in_the_next() -> None:
    g = graph([letter(n) for n in range(1, 7)])
    first = g.get(INBOX, IMMUTABLE + ", odata.maxpagesize=3")
    told = first["value"][0]["id"]
    g.post(f"me/messages/{told}/move", {"destinationId": "archive"})
    items, link = g.round(first["@odata.nextLink"], IMMUTABLE)
    assert len(items) == 3
    assert g.round(link, IMMUTABLE)[0] == [{"id": told, "@removed": {"reason": "changed"}}]


def test_a_filtered_round_keeps_its_filter_in_the_token() -> None:
    g = graph([letter(n) for n in range(1, 5)])
    items, link = g.round(INBOX, filter="receivedDateTime ge 2026-06-15T12:03:00Z")
    assert [one["subject"] for one in items] == ["Letter 4", "Letter 3"]
    old = g.get("me/messages", filter="subject eq 'Letter 1'")["value"][0]["id"]
    g.patch(f"me/messages/{old}", {"isRead": False})
    assert g.round(link)[0] == []


def test_a_round_of_one_kind_of_change() -> None:
    g = graph([letter(1), letter(2)])
    links = {kind: g.round(INBOX, changeType=kind)[1] for kind in ("created", "updated", "deleted")}
    one, two = [m["id"] for m in g.get("me/messages")["value"]]
    g.patch(f"me/messages/{one}", {"isRead": False})
    g.call("DELETE", f"me/messages/{two}")
    microsoft.deliver(g.store, g.account(), mime(3))
    told = {kind: [m["id"] for m in g.round(link)[0]] for kind, link in links.items()}
    assert told["updated"] == [one] and told["deleted"] == [two]
    assert told["created"] not in ([], [one], [two])


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("$filter", "isRead eq false"),
        ("$filter", "receivedDateTime le 2026-01-01"),
        ("$orderby", "subject"),
        ("$search", '"x"'),
        ("$skip", "1"),
        ("changeType", "moved"),
    ],
)
def test_change_tracking_refuses_other_options(option: str, value: str) -> None:
    assert graph().call("GET", INBOX, {option: value}).status == 400


def test_an_expired_token_is_gone_and_says_where_to_start_again() -> None:
    g = graph([letter(1)])
    _, link = g.round(INBOX, select="subject")
    microsoft.expire_cursors(g.store, g.account())
    gone = g.call("GET", link)
    assert (gone.status, gone.code) == (410, "syncStateNotFound")
    items, fresh = g.round(gone.headers["location"])
    assert [set(one) for one in items] == [{"@odata.type", "@odata.etag", "id", "subject"}]
    assert g.round(fresh)[0] == []


def test_a_spoilt_token_or_one_of_another_folder_is_refused() -> None:
    g = graph([letter(1)])
    _, link = g.round(INBOX)
    assert g.call("GET", link[:-3] + "xyz").code == "SyncStateInvalid"
    assert g.call("GET", link.replace("'inbox'", "'archive'")).code == "SyncStateInvalid"


def test_folders_are_tracked_over_all_levels() -> None:
    g = graph([letter(1, folder="Projects")])
    items, link = g.round("me/mailFolders/delta")
    assert "Projects" in {one["displayName"] for one in items}
    child = g.post("me/mailFolders/inbox/childFolders", {"displayName": "Bills"})
    assert [one["id"] for one in g.round(link)[0]] == [child["id"]]
    _, link = g.round(link)
    g.call("DELETE", f"me/mailFolders/{child['id']}")
    [moved], link = g.round(link)
    assert moved["parentFolderId"] == g.get("me/mailFolders/deleteditems")["id"]
    g.call("DELETE", f"me/mailFolders/{child['id']}")
    assert g.round(link)[0] == [{"id": child["id"], "@removed": {"reason": "deleted"}}]


def test_counts_and_the_control_list_agree_with_the_api() -> None:
    g = graph([letter(1), letter(2, folder="Projects"), letter(3, box="sent")])
    account = g.account(BO)
    assert microsoft.counts(g.store, account)["messages"] == 3
    listed = microsoft.messages(g.store, account)
    assert {one["subject"]: one["folder"] for one in listed} == {
        "Letter 1": "inbox",
        "Letter 2": "Projects",
        "Letter 3": "sentitems",
    }
    assert g.get(f"me/messages/{listed[0]['id']}")["subject"] == listed[0]["subject"]
