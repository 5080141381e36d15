"""A person in an address book, and the group that holds them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ContactGroupRecord:
    """A contact group (Google) or contact folder (Microsoft)."""

    id: str
    name: str
    system: bool = False


@dataclass(frozen=True, slots=True)
class Labelled:
    """A value with the label its owner gave it ("work", "home", …)."""

    value: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """One person in an address book.

    ``birthday`` is ``YYYY-MM-DD``, or ``--MM-DD`` without a year. ``categories`` are names that the owner filed the
    person under, where a vendor has these beside groups. ``former_ids`` are ids that the person had before, such as
    that of a contact which was merged into this one: rows under them become this person's. ``photo_key`` is another
    text whenever the photo may be another, and empty where there surely is none; only the provider reads more in it.
    """

    id: str
    name: str
    given_name: str = ""
    family_name: str = ""
    nickname: str = ""
    emails: tuple[Labelled, ...] = ()
    phones: tuple[Labelled, ...] = ()
    addresses: tuple[Labelled, ...] = ()
    organization: str = ""
    job_title: str = ""
    birthday: str = ""
    notes: str = ""
    group_ids: frozenset[str] = frozenset()
    categories: tuple[str, ...] = ()
    photo_key: str = ""
    read_only: bool = False
    etag: str = ""
    former_ids: frozenset[str] = frozenset()
