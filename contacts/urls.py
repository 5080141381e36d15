"""The addresses of people. Every id in them is looked up through its owner."""

from django.urls import path

from contacts.views import edits, page, portraits

urlpatterns = [
    path("people/", page.people, name="people"),
    path("people/new/", edits.add, name="person-add"),
    path("people/change/<uuid:change_id>/", edits.settle, name="person-settle"),
    path("people/<int:contact_id>/", page.person, name="person"),
    path("people/<int:contact_id>/edit/", edits.edit, name="person-edit"),
    path("people/<int:contact_id>/apart/", edits.apart, name="person-apart"),
    path("people/<int:contact_id>/photo/", portraits.avatar, name="person-avatar"),
    path("people/<int:contact_id>/photo/<slug:digest>/", portraits.photo, name="person-photo"),
    path("people/<int:contact_id>/delete/", edits.delete, name="person-delete"),
]
