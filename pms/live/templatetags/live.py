"""`{% live "room_card" row %}`: draws a fragment inside a page exactly as the socket would push it."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from pms.live.fragments import Audience, fragment_named
from pms.live.places import place_named

register = template.Library()


@register.simple_tag(takes_context=True)
def live(context: template.Context, name: str, row: Any) -> SafeString:
    """Return the piece `name` for `row`; the page's view must supply `seq` and `audience` (see `page_context`)."""
    fragment = fragment_named(name)
    if fragment is None:
        raise template.TemplateSyntaxError(f"There is no fragment {name!r}.")
    audience: Audience = context["audience"]
    if fragment.right not in audience.rights:
        return SafeString("")
    # Rendered by Django with autoescape on: the result is HTML already.
    return SafeString(fragment.draw(row, seq=context["seq"], audience=audience))


@register.inclusion_tag("components/present.html#place")
def here(name: str, pk: Any) -> dict[str, str]:
    """Say that whoever opens this page or dialog is at the row, and stand where it shows who else is: once in each."""
    if place_named(name) is None:
        raise template.TemplateSyntaxError(f"Nobody can be at {name!r}: it is not declared by `place`.")
    return {"place": f"{name}:{pk}"}
