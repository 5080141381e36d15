"""Mail's tables: folders, threads and messages of all accounts."""

from mail.models.folder import Folder, MailVersion
from mail.models.message import Attachment, Body, Message, MessageFolder
from mail.models.thread import Thread, ThreadFolder

__all__ = ["Attachment", "Body", "Folder", "MailVersion", "Message", "MessageFolder", "Thread", "ThreadFolder"]
