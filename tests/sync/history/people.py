"""What happens to the people in an account's address book at either provider, and who is there in the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.sync.history.owner import Owner, pick

PEOPLE, ME = "/v1/people", "/v1.0/me"
FIELDS = ("names", "emailAddresses", "phoneNumbers", "organizations", "biographies")
_MASK = ",".join(FIELDS)


class GooglePeople(Owner):
    """Contacts at Google."""

    def people_steps(self) -> dict[str, Callable[[int], object]]:
        return {
            "a person is added": self.person_is_added,
            "a person is edited": self.person_is_edited,
            "a person goes": self.person_goes,
        }

    def _people(self) -> list[dict[str, Any]]:
        asked = {"personFields": f"{_MASK},metadata", "pageSize": "1000"}
        found: list[dict[str, Any]] = self.call("GET", f"{PEOPLE}/me/connections", **asked).get("connections", [])
        return sorted(found, key=lambda p: str(p["names"][0].get("displayName")))

    def person_is_added(self, n: int) -> None:
        self.call("POST", f"{PEOPLE}:createContact", _google_person(n), personFields=_MASK)

    def person_is_edited(self, n: int) -> None:
        if person := pick(self._people(), n):
            sources = [s for s in person["metadata"]["sources"] if s["type"] == "CONTACT"]
            body = {**_google_person(n), "etag": person["etag"], "metadata": {"sources": sources}}
            some = FIELDS[: 1 + n % len(FIELDS)]
            wanted = {k: v for k, v in body.items() if k in (*some, "etag", "metadata")}
            path = f"/v1/{person['resourceName']}:updateContact"
            self.call("PATCH", path, wanted, updatePersonFields=",".join(some), personFields=_MASK)

    def person_goes(self, n: int) -> None:
        if person := pick(self._people(), n):
            self.call("DELETE", f"/v1/{person['resourceName']}:deleteContact")

    def people_now(self) -> dict[str, dict[str, Any]]:
        return {
            p["resourceName"]: {
                "collection": "connections",
                "given_name": p["names"][0].get("givenName", ""),
                "family_name": p["names"][0].get("familyName", ""),
                "emails": [e["value"] for e in p.get("emailAddresses", ())],
                "phones": [e["value"] for e in p.get("phoneNumbers", ())],
                "organization": p.get("organizations", [{}])[0].get("name", ""),
                "notes": p.get("biographies", [{}])[0].get("value", ""),
            }
            for p in self._people()
        }


class MicrosoftPeople(Owner):
    """Contacts at Microsoft, in the default folder and in others."""

    def people_steps(self) -> dict[str, Callable[[int], object]]:
        return {
            "a person is added": self.person_is_added,
            "a person is edited": self.person_is_edited,
            "a person goes": self.person_goes,
        }

    def _contact_folders(self) -> list[str]:
        """Addresses of contacts: the default folder's, then those of the others."""
        found = self.call("GET", f"{ME}/contactFolders", **{"$top": "100"}).get("value", ())
        return ["contacts", *(f"contactFolders/{f['id']}/contacts" for f in found)]

    def _people(self) -> list[tuple[str, dict[str, Any]]]:
        found = [
            (folder, person)
            for folder in self._contact_folders()
            for person in self.call("GET", f"{ME}/{folder}", **{"$top": "500"}).get("value", ())
        ]
        return sorted(found, key=lambda one: str(one[1]["displayName"]))

    def person_is_added(self, n: int) -> None:
        if n % 5 == 0:
            self.call("POST", f"{ME}/contactFolders", {"displayName": f"People {n}"})
        self.call("POST", f"{ME}/{pick(self._contact_folders(), n // 5)}", _outlook_person(n))

    def person_is_edited(self, n: int) -> None:
        if one := pick(self._people(), n):
            fields = list(_outlook_person(n).items())[: 1 + n % 6]
            self.call("PATCH", f"{ME}/contacts/{one[1]['id']}", dict(fields))

    def person_goes(self, n: int) -> None:
        folders = self._contact_folders()[1:]
        if folders and n % 6 == 0:
            self.call("DELETE", f"{ME}/{str(pick(folders, n // 6)).removesuffix('/contacts')}")
        elif one := pick(self._people(), n):
            self.call("DELETE", f"{ME}/contacts/{one[1]['id']}")

    def people_now(self) -> dict[str, dict[str, Any]]:
        return {
            p["id"]: {
                "collection": folder.removeprefix("contactFolders/").removesuffix("/contacts"),
                "given_name": p["givenName"] or "",
                "family_name": p["surname"] or "",
                "emails": [e["address"] for e in p["emailAddresses"]],
                "phones": [*filter(None, [p["mobilePhone"]]), *p["businessPhones"], *p["homePhones"]],
                "organization": p["companyName"] or "",
                "notes": p["personalNotes"] or "",
            }
            for folder, p in self._people()
        }


def _google_person(n: int) -> dict[str, Any]:
    return {
        "names": [{"givenName": f"Person {n}", "familyName": f"Family {n % 7}"}],
        "emailAddresses": [{"value": f"person{n}@people.example", "type": "work"}],
        "phoneNumbers": [{"value": f"+49 30 {n}", "type": "mobile"}],
        "organizations": [{"name": f"Company {n % 11}"}],
        "biographies": [{"value": f"Met at {n}", "contentType": "TEXT_PLAIN"}],
    }


def _outlook_person(n: int) -> dict[str, Any]:
    return {
        "givenName": f"Person {n}",
        "surname": f"Family {n % 7}",
        "emailAddresses": [{"name": f"Person {n}", "address": f"person{n}@people.example"}],
        "businessPhones": [f"+49 30 {n}"],
        "companyName": f"Company {n % 11}",
        "personalNotes": f"Met at {n}",
    }
