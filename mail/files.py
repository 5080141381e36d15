"""Where fetched attachments lie: each under its row's number."""

from __future__ import annotations

from integrations.files import Files

files = Files("mail")
