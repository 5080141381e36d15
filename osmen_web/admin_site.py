"""Django's admin under OsMEN's name; people sign in on OsMEN's own page, with its rate limits and second factor."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin


class AdminSite(admin.AdminSite):
    """Branded; everything else is Django's."""

    site_header = "OsMEN administration"
    site_title = "OsMEN"
    index_title = "What is here"
    # Tables of tokens need the width; the way back is the line above them.
    enable_nav_sidebar = False
    # The header has that link already, beside the one to Setup.
    site_url = None

    login = secure_admin_login(admin.AdminSite.login)
