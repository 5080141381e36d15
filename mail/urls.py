"""Mail's addresses. Every id in them is looked up through its owner."""

from django.urls import path

from mail.views import attachments, bodies, edits, inbox, letters

urlpatterns = [
    path("inbox/", inbox.inbox, name="mail-inbox"),
    path("inbox/list/", inbox.refresh, name="mail-refresh"),
    path("inbox/do/", edits.act, name="mail-act"),
    path("inbox/undo/", edits.undo, name="mail-undo"),
    path("inbox/change/<uuid:change_id>/", edits.settle, name="mail-settle"),
    path("inbox/message/<int:message_id>/body/", bodies.body, name="mail-body"),
    path("inbox/message/<int:message_id>/images/", attachments.want_embedded, name="mail-images"),
    path("inbox/attachment/<int:attachment_id>/", attachments.attachment, name="mail-attachment"),
    path("inbox/attachment/<int:attachment_id>/content/", attachments.content, name="mail-attachment-content"),
    path("inbox/new/", letters.compose, name="mail-new"),
    path("inbox/letter/<uuid:change_id>/", letters.settle, name="mail-letter"),
    path("inbox/<int:thread_id>/reply/", letters.reply, name="mail-reply"),
    path("inbox/<int:thread_id>/below/", letters.below, name="mail-below"),
    path("inbox/<int:thread_id>/", inbox.thread, name="mail-thread"),
]
