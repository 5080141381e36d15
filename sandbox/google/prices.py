"""Google's quotas by their names, and what each method costs of them.

Gmail API, "Usage limits": a method's price in units is in the route tables (``Row.units``, ``Row.units_2026``).
Calendar API, "Manage quotas": calls. People API: "Read and Manage Contacts" names what its methods cost, and only the
console says how much of that there is; the numbers here are what it showed for fresh projects. Counting is left to
``quotas``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.google.calls import Row
from sandbox.google.contract import Method
from sandbox.quotas import Table


@dataclass(frozen=True, slots=True)
class Bucket:
    """One quota: what a user and a whole app may spend in a minute, or in a day of California. None is no limit."""

    metric: str
    user: int | None = None
    project: int | None = None
    daily: bool = False


_READS, _WRITES = "people/critical-reads", "people/critical-writes"
_GROUP_READS, _OTHER_WRITES, _PHOTOS = "people/reads", "people/writes", "people/photo-writes"
_DAILY_WRITES, _FIRST_PAGES = "people/daily-writes", "people/first-pages"
_PEOPLE = {
    _READS: Bucket("Critical read requests (Contact and Profile Reads)", 60, 3_000),
    _WRITES: Bucket("Critical write requests (Contact Creates and Updates)", 30, 1_500),
    _GROUP_READS: Bucket("Read requests (Contact Group Reads)", 90),
    _OTHER_WRITES: Bucket("Write requests (Contact Deletes and Contact Group Writes)", 30),
    _PHOTOS: Bucket("Photo write requests (Photo Updates)", 50),
    _DAILY_WRITES: Bucket("Daily Contact Writes (Total)", 100_000, daily=True),
    # "This quota is fixed and can not be increased": there is one, and its number is Google's alone.
    _FIRST_PAGES: Bucket("Full sync requests"),
}
BUCKETS: dict[Table, dict[str, Bucket]] = {
    "old": {
        "gmail/minute": Bucket("Quota units", 15_000, 1_200_000),
        "gmail/day": Bucket("Quota units", daily=True),
        "calendar/minute": Bucket("Queries", 600, 10_000),
        "calendar/day": Bucket("Queries", daily=True),
        **_PEOPLE,
    },
    "new": {
        "gmail/minute": Bucket("Quota units", 6_000, 1_200_000),
        "gmail/day": Bucket("Quota units", project=80_000_000, daily=True),
        "calendar/minute": Bucket("Queries", 600, 10_000),
        "calendar/day": Bucket("Queries", project=1_000_000, daily=True),
        **_PEOPLE,
    },
}
_ONE, _SEVERAL = {_READS: 1, _WRITES: 1, _DAILY_WRITES: 1}, {_READS: 6, _WRITES: 6, _DAILY_WRITES: 200}
_READ, _GROUPS, _OTHER = {_READS: 1}, {_GROUP_READS: 1}, {_OTHER_WRITES: 1}
PEOPLE: dict[str, dict[str, int]] = {
    "people.people.connections.list": _READ,
    "people.people.get": _READ,
    "people.people.getBatchGet": _READ,
    "people.people.searchContacts": _READ,
    "people.otherContacts.list": _READ,
    "people.otherContacts.search": _READ,
    "people.otherContacts.copyOtherContactToMyContactsGroup": _ONE,
    "people.people.createContact": _ONE,
    "people.people.updateContact": _ONE,
    "people.people.batchCreateContacts": _SEVERAL,
    "people.people.batchUpdateContacts": _SEVERAL,
    "people.people.deleteContact": _OTHER,
    "people.people.batchDeleteContacts": {_OTHER_WRITES: 10},
    "people.people.updateContactPhoto": {_PHOTOS: 1},
    "people.people.deleteContactPhoto": {_PHOTOS: 1},
    "people.contactGroups.list": _GROUPS,
    "people.contactGroups.get": _GROUPS,
    "people.contactGroups.batchGet": _GROUPS,
    "people.contactGroups.create": _OTHER,
    "people.contactGroups.update": _OTHER,
    "people.contactGroups.delete": _OTHER,
    "people.contactGroups.members.modify": _OTHER,
}
_SYNCED = ("people.people.connections.list", "people.otherContacts.list")


def price(api: str, method: Method, row: Row, query: Mapping[str, Any], table: Table) -> dict[str, int]:
    """What a call costs, by the names of the quotas."""
    if api != "people":
        units = row.units_2026 if table == "new" else row.units
        return {f"{api}/minute": units, f"{api}/day": units}
    first = method.id in _SYNCED and not query.get("syncToken") and not query.get("pageToken")
    return PEOPLE[method.id] | ({_FIRST_PAGES: 1} if first else {})
