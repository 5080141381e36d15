"""An account's mail folders, what each means, and the order of their first sync.

Folders are named in their owner's language and carry no role of their own: roles come from asking for the well-known
names (Microsoft Graph, resource type mailFolder). Hidden and search folders are left out. Messages are left to
``mail``.
"""

from __future__ import annotations

from integrations.providers.microsoft.graph import Graph, Json, path, with_query
from integrations.records import CollectionRecord, Discovery, FolderRecord, Role, Service

_WELL_KNOWN = {
    "inbox": Role.INBOX,
    "sentitems": Role.SENT,
    "drafts": Role.DRAFTS,
    "archive": Role.ARCHIVE,
    "deleteditems": Role.TRASH,
    "junkemail": Role.SPAM,
    "outbox": Role.SYSTEM,
}
_PRIORITY = {Role.INBOX: 0, Role.SENT: 10, Role.ARCHIVE: 20, Role.DRAFTS: 30, Role.TRASH: 90, Role.SPAM: 95}
_OTHERS = 50
_LISTING = {"$top": "100", "$select": "id,displayName,parentFolderId,childFolderCount"}


def discover(graph: Graph) -> Discovery:
    """All folders, and a collection for each."""
    roles = _roles(graph)
    found = _walk(graph)
    known = {item["id"] for item in found}
    folders = tuple(_folder(item, roles.get(item["id"], Role.USER), known) for item in found)
    collections = tuple(
        CollectionRecord(Service.MAIL, f.id, f.name, _PRIORITY.get(f.role, _OTHERS))
        for f in sorted(folders, key=lambda f: _PRIORITY.get(f.role, _OTHERS))
    )
    return Discovery(folders, collections)


def _roles(graph: Graph) -> dict[str, Role]:
    """Roles by folder id; an account may lack some of the folders (the archive, often)."""
    asked = [with_query(path("me", "mailFolders", name), {"$select": "id"}) for name in _WELL_KNOWN]
    answers = zip(graph.get_many(asked), _WELL_KNOWN.values(), strict=True)
    return {answer["id"]: role for answer, role in answers if isinstance(answer, dict)}


def _walk(graph: Graph) -> list[Json]:
    """Every folder, parents before children."""
    waiting, found = [path("me", "mailFolders")], []
    while waiting:
        for items in graph.pages(waiting.pop(0), _LISTING):
            plain = [i for i in items if not str(i.get("@odata.type", "")).endswith("mailSearchFolder")]
            found += plain
            waiting += [path("me", "mailFolders", i["id"], "childFolders") for i in plain if i.get("childFolderCount")]
    return found


def _folder(item: Json, role: Role, known: set[str]) -> FolderRecord:
    parent = item.get("parentFolderId") or ""
    return FolderRecord(
        id=item["id"],
        name=item.get("displayName") or "",
        role=role,
        parent_id=parent if parent in known else "",
        hidden=bool(item.get("isHidden")),
    )
