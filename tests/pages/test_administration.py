"""The administration of people: its lists can be searched, and none shows what lets its reader be somebody else."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.test import Client

from accounts.models import User
from tests.pages.conftest import PASSWORD

LISTS = [f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry]


@pytest.fixture
def root(eve: User, client: Client) -> Client:
    User.objects.filter(pk=eve.pk).update(is_staff=True, is_superuser=True)
    client.post("/accounts/login/", {"login": eve.email, "password": PASSWORD})
    client.get("/")
    return client


def says_who_it_is(client: Client) -> None:
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302


@pytest.mark.parametrize("path", LISTS)
def test_every_list_opens_and_can_be_searched(root: Client, path: str) -> None:
    assert root.get(path).status_code == 200
    assert root.get(path, {"q": "eve"}).status_code == 200


def test_a_session_is_shown_without_its_key(root: Client) -> None:
    session = UserSession.objects.get()
    html = root.get(f"/admin/usersessions/usersession/{session.pk}/change/").content.decode()
    assert "eve@osmen.example" in html and session.session_key not in html
    assert root.get("/admin/usersessions/usersession/add/").status_code == 403


@pytest.mark.parametrize("one", [True, False])
def test_removing_a_session_signs_its_browser_out(root: Client, eve: User, one: bool) -> None:
    there = Client()
    there.post("/accounts/login/", {"login": eve.email, "password": PASSWORD})
    there.get("/")
    newest = UserSession.objects.latest("pk").pk
    path = "/admin/usersessions/usersession/"
    if one:
        root.post(f"{path}{newest}/delete/", {"post": "yes"})
    else:
        root.post(path, {"action": "delete_selected", "_selected_action": newest, "post": "yes"})
    assert not UserSession.objects.filter(pk=newest).exists()
    assert there.get("/settings/").status_code == 302 and root.get("/settings/").status_code == 200


def test_a_second_factor_is_shown_without_its_secret(root: Client, eve: User) -> None:
    factor = Authenticator.objects.create(user=eve, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"})
    path = f"/admin/mfa/authenticator/{factor.pk}"
    assert "reauthenticate" in root.get(f"{path}/change/")["Location"]
    assert "reauthenticate" in root.post(f"{path}/delete/", {"post": "yes"})["Location"]
    chosen = {"action": "delete_selected", "_selected_action": factor.pk, "post": "yes"}
    assert "reauthenticate" in root.post("/admin/mfa/authenticator/", chosen)["Location"]
    assert Authenticator.objects.exists()
    says_who_it_is(root)
    html = root.get(f"{path}/change/").content.decode()
    assert "eve@osmen.example" in html and "JBSWY3DPEHPK3PXP" not in html
    assert root.get("/admin/mfa/authenticator/add/").status_code == 403
    assert root.post(f"{path}/delete/", {"post": "yes"}).status_code == 302
    assert not Authenticator.objects.exists()


def test_what_decides_who_may_sign_in_is_asked_for_once_more(root: Client, eve: User) -> None:
    bo = User.objects.create_user("bo@osmen.example", PASSWORD)
    page, password = f"/admin/accounts/user/{bo.pk}/change/", f"/admin/accounts/user/{bo.pk}/password/"
    new = {"password1": "another long one", "password2": "another long one"}
    for path in (page, password, f"/admin/accounts/user/{bo.pk}/delete/", "/admin/accounts/user/add/"):
        assert "reauthenticate" in root.get(path)["Location"], path
        assert "reauthenticate" in root.post(path, new)["Location"], path
    assert "another long one" not in str(dict(root.session))
    bo.refresh_from_db()
    assert bo.check_password(PASSWORD)
    says_who_it_is(root)
    assert root.get(page).status_code == 200
    root.post(password, new | {"usable_password": "true"})
    bo.refresh_from_db()
    assert bo.check_password("another long one")


def test_nobody_gives_somebody_elses_account_a_way_to_sign_in(root: Client) -> None:
    assert root.get("/admin/socialaccount/socialaccount/add/").status_code in (302, 403)
    says_who_it_is(root)
    assert root.get("/admin/socialaccount/socialaccount/add/").status_code == 403
    assert root.get("/admin/account/emailaddress/add/").status_code == 200
    later = Client()
    later.post("/accounts/login/", {"login": "eve@osmen.example", "password": PASSWORD})
    for path in ("/admin/account/emailaddress/add/", "/admin/auth/group/add/"):
        assert "reauthenticate" in later.get(path)["Location"], path


def test_who_has_no_password_signs_in_once_more(eve: User) -> None:
    """Somebody who signs in at a provider has nothing to say here."""
    client = Client()
    eve.is_staff = eve.is_superuser = True
    eve.set_unusable_password()
    eve.save()
    client.force_login(eve, "allauth.account.auth_backends.AuthenticationBackend")
    page = f"/admin/accounts/user/{eve.pk}/change/"
    answer = client.get(page)
    assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/?next=")
    assert client.get("/settings/").status_code == 302, "and is signed out until then"
