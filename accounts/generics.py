"""Django's classes that are generic in their stubs alone, under names that can be extended and are checked.

Which model a class is for is left open: ``Meta`` or ``register`` says it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth import admin as auth
from django.forms import models

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    ModelForm = models.ModelForm[Any]
    UserAdmin = auth.UserAdmin[Any]
else:
    ModelAdmin, ModelForm, UserAdmin = admin.ModelAdmin, models.ModelForm, auth.UserAdmin
