"""Programs of partners: who may call the API for this hotel. Letting one in asks for the password again."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from pms.accounts.access import rights_at
from pms.accounts.proving import lately_proved
from pms.api import scopes as registry
from pms.api.clients import completed, refuse_beyond
from pms.api.models import ApiClient
from pms.api.permissions import Permission
from pms.api.selectors import api_client_for, api_clients_at
from pms.api.services import NewClient, api_client_create, api_client_disable, api_client_rotate
from pms.core.errors import DomainError
from properties.http import add_error, at_hotel
from properties.models import Property

VIEW, CHANGE = Permission.API_CLIENT_VIEW, Permission.API_CLIENT_CHANGE
BOTH = {"GET", "POST"}


class ApiClientForm(forms.Form):
    """A program to be let in, with at most what the giver may do herself."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    scopes = forms.MultipleChoiceField(label=gettext_lazy("It may"), widget=forms.CheckboxSelectMultiple)
    rate_per_minute = forms.IntegerField(
        label=gettext_lazy("Requests a minute"), min_value=1, max_value=60000, initial=6000
    )
    redirect_uris = forms.CharField(
        label=gettext_lazy("Addresses to send people back to"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("Only for apps that act for people, one address a line. Empty: it works on its own."),
    )

    def __init__(self, *args: Any, givable: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["scopes"]
        field.choices = givable

    def clean_redirect_uris(self) -> list[str]:
        """Return one address a line."""
        return str(self.cleaned_data["redirect_uris"]).split()


@at_hotel(VIEW)
def api_clients(request: HttpRequest, hotel: Property) -> HttpResponse:
    """List the programs of the hotel, those that were shut out last."""
    rows = sorted(api_clients_at(hotel.pk), key=lambda client: (not client.is_active, client.name.casefold()))
    completed(rows)
    may_change = CHANGE in rights_at(request.user, hotel.pk)
    return render(request, "properties/api_clients.html", {"hotel": hotel, "rows": rows, "may_change": may_change})


@at_hotel(CHANGE, methods=BOTH)
@lately_proved
@never_cache
def add_api_client(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Let a program in; its secret is shown once."""
    form = ApiClientForm(request.POST or None, givable=_givable(request, hotel))
    if request.method == "POST" and form.is_valid():
        try:
            made = api_client_create(property_ids=[hotel.pk], **form.cleaned_data)
        except DomainError as error:
            add_error(form, error)
        else:
            return _secret(request, hotel, made)
    status = 422 if form.is_bound else 200
    return render(request, "properties/api_client_add.html", {"hotel": hotel, "form": form}, status=status)


@at_hotel(CHANGE, methods=BOTH)
@lately_proved
@never_cache
def rotate_api_client(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Ask, then give the program a new secret; the former one counts for a day more."""
    client = api_client_for(request.user, CHANGE, hotel.pk, pk)  # type: ignore[arg-type]  # signed in
    for property_id in client.properties:
        refuse_beyond(client.scopes, rights_at(request.user, property_id))
    if request.method == "POST":
        return _secret(request, hotel, api_client_rotate(client_id=client.pk))
    return render(request, "properties/api_client_rotate.html", {"hotel": hotel, "client": client})


@at_hotel(CHANGE, methods={"POST"})
def revoke_api_client(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Shut the program out from this moment on; who is in a hurry is asked nothing."""
    client: ApiClient = api_client_for(request.user, CHANGE, hotel.pk, pk)  # type: ignore[arg-type]  # signed in
    api_client_disable(client_id=client.pk)
    messages.success(request, _("%s is shut out.") % client.name)
    return redirect("properties:list_api_clients", code=hotel.code)


def _givable(request: HttpRequest, hotel: Property) -> list[tuple[str, str]]:
    held = rights_at(request.user, hotel.pk)
    known = registry.registered().items()
    return [(code, str(scope.label)) for code, scope in known if scope.rights <= held]


def _secret(request: HttpRequest, hotel: Property, made: NewClient) -> HttpResponse:
    token_url = f"{settings.SITE_URL}{reverse('identity:token')}"
    context = {"hotel": hotel, "client": made.client, "secret": made.secret, "token_url": token_url}
    return render(request, "properties/api_client_secret.html", context)
