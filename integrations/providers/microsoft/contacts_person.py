"""Outlook's contacts as records, and edits in Outlook's fields. Fetching and sending are left to ``contacts``.

Outlook keeps three addresses without labels, two telephones each at work and at home, and one mobile (Microsoft Graph,
"contact resource type"). What has no room there is refused in words rather than lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from integrations.errors import PermanentFailure
from integrations.providers.mime import clean
from integrations.records import ContactRecord, Labelled

Json = Mapping[str, Any]
MOST_EMAILS, MOST_PHONES = 3, 2
# Older devices write this year where none is known.
NO_YEAR = "1604"
SELECT = ",".join(
    (
        *("id", "displayName", "givenName", "surname", "nickName", "emailAddresses", "businessPhones", "homePhones"),
        *("mobilePhone", "homeAddress", "businessAddress", "otherAddress", "companyName", "jobTitle", "birthday"),
        *("personalNotes", "categories", "parentFolderId"),
    )
)
_TEXTS = {
    "given_name": "givenName",
    "family_name": "surname",
    "nickname": "nickName",
    "organization": "companyName",
    "job_title": "jobTitle",
    "notes": "personalNotes",
}
_ADDRESSES = (("homeAddress", "home"), ("businessAddress", "work"), ("otherAddress", "other"))
_PLACES = (("street",), ("postalCode", "city"), ("state",), ("countryOrRegion",))


def is_whole(item: Json) -> bool:
    """Whether an item holds all that a record needs."""
    return {"displayName", "emailAddresses", "parentFolderId"} <= item.keys()


def record(item: Json, group: str = "") -> ContactRecord:
    """A contact in the folder ``group``, which is empty for the default one."""
    text = {name: _text(item, key) for name, key in _TEXTS.items()}
    whole = " ".join(filter(None, (text["given_name"], text["family_name"])))
    return ContactRecord(
        id=str(item["id"]),
        name=_text(item, "displayName") or whole,
        given_name=text["given_name"],
        family_name=text["family_name"],
        nickname=text["nickname"],
        emails=_emails(item),
        phones=_phones(item),
        addresses=tuple(Labelled(place, label) for key, label in _ADDRESSES if (place := _place(item.get(key) or {}))),
        organization=text["organization"],
        job_title=text["job_title"],
        birthday=_birthday(str(item.get("birthday") or "")),
        notes=text["notes"],
        group_ids=frozenset({group} if group else ()),
        categories=tuple(clean(str(name)) for name in item.get("categories") or ()),
        # Whether there is a photo is in no answer, so each version of a contact may have one.
        photo_key=str(item.get("@odata.etag") or ""),
        etag=str(item.get("@odata.etag") or ""),
    )


def body(fields: Json, item: Json) -> dict[str, Any]:
    """The changed fields in Outlook's form, laid into ``item`` as it is now (empty for a new one).

    Raises ``PermanentFailure`` for more than Outlook has room for.
    """
    made: dict[str, Any] = {key: fields[name] or None for name, key in _TEXTS.items() if name in fields}
    if made.keys() & {"givenName", "surname"}:
        was, now = _whole(item), _whole({**item, **made})
        # A name that somebody wrote otherwise than from its parts stays as they wrote it.
        if now and (item.get("displayName") or "") in ("", was):
            made["displayName"] = now
    if "emails" in fields:
        made["emailAddresses"] = _email_body(fields["emails"], item)
    if "phones" in fields:
        made |= _phone_body(fields["phones"])
    if "birthday" in fields:
        made["birthday"] = _birthday_body(str(fields["birthday"] or ""))
    if not item and not made.get("displayName"):
        # A person without a name goes by whatever is known of them.
        addresses = [entry["address"] for entry in made.get("emailAddresses") or ()]
        known = (made.get("nickName"), made.get("companyName"), *addresses)
        made |= {"displayName": next(filter(None, known), None)}
    return made


def _text(item: Json, key: str) -> str:
    return clean(str(item.get(key) or "")).strip()


def _whole(item: Json) -> str:
    return " ".join(str(item[key]) for key in ("givenName", "surname") if item.get(key))


def _emails(item: Json) -> tuple[Labelled, ...]:
    found = (clean(str(e.get("address") or "")).strip() for e in item.get("emailAddresses") or () if e)
    return tuple(Labelled(address) for address in dict.fromkeys(found) if address)


def _phones(item: Json) -> tuple[Labelled, ...]:
    lists = (("businessPhones", "work"), ("homePhones", "home"))
    found = [Labelled(clean(str(item["mobilePhone"])), "mobile")] if item.get("mobilePhone") else []
    found += [Labelled(clean(str(value)), label) for key, label in lists for value in item.get(key) or () if value]
    return tuple(found)


def _place(address: Json) -> str:
    """A postal address in lines."""
    lines = (" ".join(_text(address, part) for part in parts if address.get(part)) for parts in _PLACES)
    return "\n".join(line for line in lines if line)


def _birthday(value: str) -> str:
    """The date alone: Outlook keeps an instant around noon."""
    day = value[:10]
    if len(day) != 10 or day.startswith("0001"):
        return ""
    return f"-{day[4:]}" if day.startswith(NO_YEAR) else day


def _birthday_body(value: str) -> str | None:
    if not value:
        return None
    day = f"{NO_YEAR}{value[1:]}" if value.startswith("--") else value
    return f"{day}T11:59:00Z"


def _email_body(wanted: Sequence[Sequence[str]], item: Json) -> list[dict[str, Any]]:
    if len(wanted) > MOST_EMAILS:
        raise PermanentFailure("Outlook keeps at most three e-mail addresses of a person.", code="emails")
    known = {str(e.get("address", "")).casefold(): e for e in item.get("emailAddresses") or ()}
    return [{"name": known.get(v.casefold(), {}).get("name") or v, "address": v} for v, *_ in wanted]


def _phone_body(wanted: Sequence[Sequence[str]]) -> dict[str, Any]:
    at: dict[str, list[str]] = {"mobile": [], "home": [], "work": []}
    for value, label in wanted:
        at[label if label in at else "work"].append(value)
    if len(at["mobile"]) > 1 or max(len(at["home"]), len(at["work"])) > MOST_PHONES:
        raise PermanentFailure(
            "Outlook keeps one mobile number and two numbers each at home and at work.", code="phones"
        )
    return {"mobilePhone": next(iter(at["mobile"]), None), "homePhones": at["home"], "businessPhones": at["work"]}
