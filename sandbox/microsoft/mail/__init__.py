"""Mail: folders, messages, attachments, drafts and sending, with their change tracking."""
