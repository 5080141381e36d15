"""Which directory an address like ``/microsoft/{tenant}/`` means, and which apps and accounts may use it.

Source: Microsoft identity platform, "Authorization code flow" (tenant), "Error codes".
"""

from __future__ import annotations

from sandbox import accounts
from sandbox.accounts import Account
from sandbox.clients import Client
from sandbox.oauth.microsoft.errors import Refusal
from sandbox.store import Store

PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"  # the tenant of all personal accounts
_SHARED = {"common", "organizations"}


def of_account(account: Account) -> str:
    """The directory that an account lives in."""
    return account.tenant or PERSONAL


def is_personal(account: Account) -> bool:
    """Whether it is a personal account and not one of an organisation."""
    return of_account(account) == PERSONAL


def find(store: Store, tenant: str) -> str:
    """``common``, ``organizations`` or a directory's id. Raises ``Refusal`` for one that does not exist."""
    name = tenant.lower()
    if name == "consumers":
        return PERSONAL
    known = _SHARED | {PERSONAL} | {of_account(account) for account in accounts.all_of(store, "microsoft")}
    if name not in known:
        raise Refusal(
            "invalid_tenant",
            90002,
            f"Tenant '{tenant}' not found. Check that it is the right tenant ID and that this is the right cloud.",
        )
    return name


def check_app(tenant: str, client: Client) -> None:
    """Raises ``Refusal`` if the app's registration does not allow sign-in at this tenant."""
    if client.audience == "common" or tenant == client.audience:
        return
    if client.audience == "consumers":
        if tenant != PERSONAL:
            raise Refusal(
                "invalid_request",
                9002331,
                f"Application '{client.client_id}'({client.name}) is configured for use by Microsoft Account users"
                " only. Please use the /consumers endpoint to serve this request.",
            )
        return
    if client.audience == "organizations":
        if tenant == PERSONAL:
            raise Refusal("unauthorized_client", 700016, _not_found(client, tenant))
        return
    if tenant in _SHARED:
        raise Refusal(
            "invalid_request",
            50194,
            f"Application '{client.client_id}'({client.name}) is not configured as a multi-tenant application. Usage of"
            " the /common endpoint is not supported for such apps. Use a tenant-specific endpoint or configure the"
            " application to be multi-tenant.",
        )
    raise Refusal("unauthorized_client", 700016, _not_found(client, tenant))


def _not_found(client: Client, tenant: str) -> str:
    return f"Application with identifier '{client.client_id}' was not found in the directory '{tenant}'."


def check_account(tenant: str, client: Client, account: Account) -> None:
    """Raises ``Refusal`` if the account cannot sign in to the app at this tenant."""
    home = of_account(account)
    wants_work = "organizations" in {tenant, client.audience}
    if tenant in {"common", home} and not (wants_work and is_personal(account)):
        return
    if tenant == "organizations" and not is_personal(account):
        return
    if wants_work:
        raise Refusal(
            "invalid_request",
            500200,
            f"User account '{account.email}' is a personal Microsoft account. Personal Microsoft accounts are not"
            " supported for this application unless explicitly invited to an organization.",
        )
    raise Refusal(
        "invalid_grant",
        50020,
        f"User account '{account.email}' does not exist in tenant '{tenant}' and cannot access the application"
        f" '{client.client_id}'({client.name}) in that tenant. Sign out and sign in again with a different account.",
    )
