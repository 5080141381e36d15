"""Filing a selection by name, over accounts that move and that label; and what is said of those passed over."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from integrations.models import Change
from integrations.records import FolderRecord, Role
from mail.models import Folder, Message, Thread
from tests.mail.conftest import OUTLOOK_FOLDERS, Account, message


@pytest.fixture
def page(ada: User, client: Client) -> Client:
    client.force_login(ada)
    return client


@pytest.fixture
def both(gmail: Account, outlook: Account) -> None:
    """Two conversations at Google, one of them under Suppliers, and two at Microsoft."""
    outlook.store.containers(outlook.connection, [*OUTLOOK_FOLDERS, FolderRecord("f-choir", "Choir")])
    gmail.sync(message(1, folder_ids=frozenset({"INBOX", "Label_1"})), message(2))
    inbox = frozenset({"f-inbox"})
    outlook.sync(message(3, folder_ids=inbox), message(4, folder_ids=inbox), into="f-inbox")


def _do(page: Client, do: str, *threads: str) -> str:
    ids = list(Thread.objects.filter(provider_id__in=threads).values_list("pk", flat=True))
    answer = page.post("/inbox/do/", {"do": do, "t": ids}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def _undo(page: Client, html: str) -> None:
    page.post("/inbox/undo/" + html.split('action="/inbox/undo/')[1].split('"')[0].replace("&amp;", "&"))


def _folders(message_id: str) -> set[str]:
    return set(Message.objects.get(provider_id=message_id).message_folders.values_list("folder__name", flat=True))


def test_a_selection_is_put_under_a_label_and_taken_off_it(page: Client, both: None) -> None:
    label = Folder.objects.get(name="Suppliers").pk
    html = _do(page, f"label:{label}", "t1", "t2")
    assert "1 conversation put under Suppliers" in html  # the other one was there already
    assert list(Change.objects.values_list("target_id", "payload")) == [("m2", {"add": ["Label_1"], "remove": []})]
    html = _do(page, f"unlabel:{label}", "t1", "t2")
    assert "2 conversations taken off Suppliers" in html
    assert _folders("m1") == _folders("m2") == {"Inbox"}
    _undo(page, html)
    assert _folders("m1") == _folders("m2") == {"Inbox", "Suppliers"}


def test_a_selection_is_moved_and_what_is_of_another_account_stays(page: Client, both: None) -> None:
    choir = Folder.objects.get(name="Choir").pk
    html = _do(page, f"move:{choir}", "t1", "t3", "t4")
    assert "2 conversations moved to Choir; 1 of another account stayed" in html
    assert _folders("m3") == _folders("m4") == {"Choir"} and _folders("m1") == {"Inbox", "Suppliers"}
    _undo(page, html)
    assert _folders("m3") == _folders("m4") == {"Inbox"} and not Change.objects.exists()
    assert "Nothing here is of the account that Choir belongs to" in _do(page, f"move:{choir}", "t1")


def test_only_ones_own_folders_and_labels_can_be_named(page: Client, both: None, client: Client) -> None:
    label, pk = Folder.objects.get(name="Suppliers").pk, Thread.objects.get(provider_id="t1").pk
    star = Folder.objects.get(role=Role.STARRED).pk
    for do in (f"label:{star}", f"unlabel:{star}", "label:999999", "label:", "unlabel:x"):
        assert page.post("/inbox/do/", {"do": do, "t": [pk]}).status_code == 404
    client.force_login(User.objects.create_user("bo@osmen.example"))
    assert client.post("/inbox/do/", {"do": f"label:{label}", "t": [pk]}).status_code == 404
    assert not Change.objects.exists()


def test_a_list_offers_the_places_of_the_accounts_in_it(page: Client, both: None, gmail: Account) -> None:
    label, choir = (Folder.objects.get(name=name).pk for name in ("Suppliers", "Choir"))
    html = page.get("/inbox/").content.decode()
    assert f'value="move:{choir}"' in html and f'value="label:{label}"' in html and f'value="unlabel:{label}"' in html
    html = page.get(f"/inbox/?account={gmail.connection.pk}").content.decode()
    assert f'value="label:{label}"' in html and f'value="move:{choir}"' not in html


def test_filing_costs_the_same_page_however_many_folders(page: Client, both: None, gmail: Account) -> None:
    costs = []
    for _ in range(2):
        page.get("/inbox/")
        with CaptureQueriesContext(connection) as spent:
            page.get("/inbox/")
        costs.append(len(spent))
        gmail.store.containers(gmail.connection, [FolderRecord(f"L{n}", f"Label {n}") for n in range(5)])
    assert costs[0] == costs[1]
