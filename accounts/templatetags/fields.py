"""Form fields as every page draws them: a label, the control, a hint, what was wrong with it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import BoundField
from django.template import Library

register = Library()


@register.inclusion_tag("accounts/field.html")
def field(bound: BoundField, label: str = "", hint: str | None = None) -> dict[str, Any]:
    """One field; ``label`` and ``hint`` replace the form's own words."""
    widget = bound.field.widget
    checkbox = isinstance(widget, forms.CheckboxInput)
    choices = isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
    select = isinstance(widget, forms.Select) and not choices
    # Said on the page by the label; a placeholder repeats it and goes away when one types.
    widget.attrs.pop("placeholder", None)
    if hint is not None:
        bound.help_text = hint  # so that the control says that it is described by it
    look = "check" if checkbox else "select" if select else "" if choices else "input"
    return {
        "field": bound,
        "control": bound.as_widget(attrs={"class": look}),
        "label": label or bound.label,
        "hint": bound.help_text,
        "checkbox": checkbox,
        "choices": choices,
        "select": select,
    }
