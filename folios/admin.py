"""The administration of the books: what can be posted."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from properties.admin_scope import AdminScope
from properties.permissions import Permission

from .models import TransactionCode
from .services.books import (
    transaction_code_add,
    transaction_code_archive,
    transaction_code_change,
    transaction_code_restore,
)


@admin.register(TransactionCode)
class TransactionCodeAdmin(AdminScope, admin.ModelAdmin):
    """Extras, payments and what the house posts itself, with usual price and tax."""

    view_right = add_right = change_right = Permission.HOTEL_CHANGE
    list_display = ("name", "code", "kind", "tax_code", "price", "property", "archived_at")
    list_filter = ("kind", ("archived_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "code")
    fields = ("property", "code", "name", "kind", "tax_code", "price")
    fixed: ClassVar[tuple[str, ...]] = ("property", "code", "kind")  # posted lines rest on them
    actions = ("archive", "restore")

    def service_add(self, request: HttpRequest, values: dict[str, Any]) -> TransactionCode:
        """Add the code."""
        return transaction_code_add(hotel=values.pop("property"), **values)

    def service_change(
        self, request: HttpRequest, row: TransactionCode, values: dict[str, Any], seen_version: int | None
    ) -> TransactionCode:
        """Change the code."""
        return transaction_code_change(transaction_code_id=row.pk, values=values, seen_version=seen_version)

    @admin.action(description=_("Archive the chosen transaction codes"), permissions=["change"])
    def archive(self, request: HttpRequest, rows: QuerySet[TransactionCode]) -> None:
        """Take codes out of use."""
        self.each(request, rows, lambda row: transaction_code_archive(transaction_code_id=row.pk), str(_("Archived.")))

    @admin.action(description=_("Use the chosen transaction codes again"), permissions=["change"])
    def restore(self, request: HttpRequest, rows: QuerySet[TransactionCode]) -> None:
        """Take codes into use again."""
        self.each(
            request, rows, lambda row: transaction_code_restore(transaction_code_id=row.pk), str(_("In use again."))
        )
