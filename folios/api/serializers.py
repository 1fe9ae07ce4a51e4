"""What goes in and out of the operations on folios, invoices, night audits and ledgers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from folios.documents.invoice import Recipient
from folios.errors import AuditNotFailed
from folios.models import Folio, Invoice, NightAudit, Posting, TransactionCode
from folios.selectors.folios import payer_of
from pms.api.fields import IdField, Input, MoneyField, NightField, OptionalNightsQuery, Query
from pms.api.shapes import ActionOutput, action
from reservations.selectors.people import guests_named


class PostingIdField(serializers.RegexField):
    """The id of a posting: opaque text outside, a number inside."""

    def __init__(self, **options: Any) -> None:
        super().__init__(r"^[0-9]{1,18}$", **options)

    def run_validation(self, data: Any = empty) -> Any:
        """Return the number; what is none is refused by the pattern before it is read as one."""
        return int(super().run_validation(data))


# --- out --------------------------------------------------------------------------------------------------------------


class TransactionCodeOutput(serializers.Serializer):
    """What can be posted."""

    id = IdField()
    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=TransactionCode.Kind.choices)
    tax_code = serializers.CharField(allow_blank=True, help_text="Empty: without value added tax.")
    price = MoneyField(allow_null=True, help_text="The usual price, if there is one.")
    version = serializers.IntegerField()


class PostingOutput(serializers.Serializer):
    """One line of a folio; a payment is negative, and so is what takes a charge back."""

    id = serializers.CharField()
    folio = IdField(source="folio_id")
    window = serializers.IntegerField(source="window.no")
    transaction_code = serializers.CharField(source="transaction_code.code")
    kind = serializers.ChoiceField(choices=TransactionCode.Kind.choices, source="transaction_code.kind")
    description = serializers.CharField()
    service_date = serializers.DateField(help_text="When it was consumed.")
    business_date = serializers.DateField(help_text="The accounting day it stands in.")
    quantity = serializers.DecimalField(max_digits=9, decimal_places=3)
    unit_price = MoneyField()
    gross = MoneyField()
    net = MoneyField()
    tax = MoneyField()
    tax_percent = serializers.DecimalField(max_digits=6, decimal_places=3)
    source = serializers.ChoiceField(choices=Posting.Source.choices)  # type: ignore[assignment]  # the public name
    reference = serializers.CharField(allow_blank=True)
    reverses = serializers.CharField(source="reverses_id", allow_null=True, help_text="The posting it takes back.")
    reversed_by = serializers.SerializerMethodField()
    invoice = serializers.SerializerMethodField()
    reason = serializers.CharField(allow_blank=True)
    posted_at = serializers.DateTimeField()

    def get_reversed_by(self, posting: Posting) -> str | None:
        """Return the posting that took this one back."""
        other = getattr(posting, "reversed_by", None)
        return str(other.pk) if other else None

    def get_invoice(self, posting: Posting) -> str | None:
        """Return the invoice it stands on."""
        line = getattr(posting, "invoice_line", None)
        return str(line.invoice_id) if line else None


class WindowOutput(serializers.Serializer):
    """A part of a folio that one payer settles."""

    no = serializers.IntegerField()
    payer = serializers.SerializerMethodField(
        help_text="Empty for a guest without `guests.read`, which the scopes of invoices contain."
    )
    balance = MoneyField()

    def get_payer(self, window: Any) -> str:
        """Return who pays it."""
        return payer_of(window, named=guests_named(self.context["call"].rights))


class FolioOutput(serializers.Serializer):
    """The account of a stay."""

    id = IdField()
    number = serializers.CharField()
    reservation = IdField(source="reservation_id", allow_null=True)
    status = serializers.CharField(help_text="`open` or `closed`.")
    balance = MoneyField(help_text="Charges minus payments.")
    windows = WindowOutput(source="windows_shown", many=True)
    version = serializers.IntegerField()


class FolioDetailOutput(FolioOutput):
    """The account of a stay with everything that was posted to it."""

    postings = PostingOutput(source="postings_shown", many=True)
    actions = ActionOutput(many=True)


class InvoiceOutput(serializers.Serializer):
    """An invoice, as it was issued."""

    id = IdField()
    number = serializers.CharField()
    kind = serializers.CharField()
    folio = IdField(source="window.folio_id")
    window = serializers.IntegerField(source="window.no")
    business_date = serializers.DateField()
    gross = MoneyField()
    paid = MoneyField(help_text="What was received before it was issued.")
    due = serializers.SerializerMethodField()
    buyer = serializers.SerializerMethodField()
    pdf_sha256 = serializers.CharField()
    created_at = serializers.DateTimeField()
    version = serializers.IntegerField(help_text="Always 1: what was issued never changes.")

    def get_due(self, invoice: Any) -> dict[str, str]:
        """Return what was still to pay at issue."""
        field = MoneyField()
        field.bind("due", self)
        return field.to_representation(invoice.gross - invoice.paid)

    def get_buyer(self, invoice: Any) -> str | None:
        """Return to whom it was written; null to a token that may not see guests."""
        return str(invoice.content["buyer"]["name"]) if guests_named(self.context["call"].rights) else None


class StepOutput(serializers.Serializer):
    """One step of a night audit."""

    name = serializers.CharField()
    status = serializers.CharField(help_text="`waiting`, `running`, `done` or `failed`.")
    done = serializers.IntegerField()
    total = serializers.IntegerField()


class NightAuditOutput(serializers.Serializer):
    """The closing of one business date."""

    id = IdField()
    business_date = serializers.DateField(help_text="The day that is closed.")
    status = serializers.CharField(help_text="`running`, `succeeded`, `failed` or `blocked`.")
    steps = StepOutput(many=True)
    blockers = serializers.ListField(child=serializers.DictField(), help_text="What stood against the start.")
    warnings = serializers.SerializerMethodField()
    totals = serializers.SerializerMethodField()
    error = serializers.CharField(allow_blank=True)
    version = serializers.IntegerField()
    actions = serializers.SerializerMethodField(help_text="What can be done with it.")

    @extend_schema_field(ActionOutput(many=True))
    def get_actions(self, audit: NightAudit) -> list[dict[str, Any]]:
        """Return the acts: a run that stopped at a failed step can go on."""
        failed = audit.status == NightAudit.Status.FAILED
        return [
            action(
                "resume", [] if failed else [AuditNotFailed(_("This closing has not stopped. Nothing was started."))]
            )
        ]

    def get_warnings(self, audit: NightAudit) -> list[dict[str, Any]]:
        """Return what was to be looked at when it started."""
        return list(audit.totals.get("warnings", []))

    def get_totals(self, audit: NightAudit) -> dict[str, Any]:
        """Return the control figures before and after, and how many stays were posted."""
        return {name: value for name, value in audit.totals.items() if name != "warnings"}


class CodeSumOutput(serializers.Serializer):
    """What was posted under one code."""

    transaction_code = serializers.CharField(source="transaction_code__code")
    name = serializers.CharField(source="transaction_code__name")
    kind = serializers.CharField(source="transaction_code__kind")
    count = serializers.IntegerField()
    gross = MoneyField()
    net = MoneyField()
    tax = MoneyField()


class LedgerOutput(serializers.Serializer):
    """The control totals of a day: opening + revenue + tax + pass_through - payments = guest_ledger."""

    date = serializers.DateField()
    opening = MoneyField(help_text="What guests owed before the day.")
    revenue = MoneyField(help_text="Net.")
    tax = MoneyField()
    pass_through = MoneyField(help_text="City tax and the like.")
    payments = MoneyField()
    guest_ledger = MoneyField(help_text="What guests owe after the day.")
    transaction_codes = CodeSumOutput(many=True)


# --- in ---------------------------------------------------------------------------------------------------------------


class FolioQuery(Query):
    """Which folios."""

    reservation = IdField(required=False, help_text="The id of a reservation.")
    status = serializers.ChoiceField(required=False, choices=Folio.Status.choices)


class InvoiceQuery(OptionalNightsQuery):
    """Which invoices: every filter narrows; `from` and `to` are business dates."""

    folio = IdField(required=False, help_text="The id of a folio.")
    number = serializers.CharField(required=False, max_length=40)
    kind = serializers.ChoiceField(required=False, choices=Invoice.Kind.choices)


class LedgerQuery(Query):
    """Which day."""

    date = NightField(required=False, help_text="Without it: the hotel's business date.")


class WindowInput(Input):
    """What goes to one window of the folio."""

    window = serializers.IntegerField(required=False, default=1, min_value=1, max_value=99)


class ChargeInput(WindowInput):
    """A charge."""

    transaction_code = serializers.CharField(max_length=30)
    amount = MoneyField(help_text="Gross, for one.")
    quantity = serializers.DecimalField(
        required=False, default=Decimal(1), max_digits=9, decimal_places=3, min_value=Decimal("0.001")
    )
    service_date = NightField(required=False, help_text="When it was consumed; without it: today by the hotel.")
    description = serializers.CharField(required=False, default="", max_length=200, allow_blank=True)


class PaymentInput(WindowInput):
    """Money received."""

    method = serializers.CharField(max_length=30, help_text="A transaction code of the kind `payment`.")
    amount = MoneyField()
    reference = serializers.CharField(required=False, default="", max_length=100, allow_blank=True)


class CorrectionInput(Input):
    """Which posting is taken back, and why."""

    posting = PostingIdField()
    reason = serializers.CharField(max_length=200)


class RecipientInput(Input):
    """To whom the invoice is written."""

    name = serializers.CharField(max_length=150)
    address = serializers.CharField(required=False, default="", max_length=500, allow_blank=True)
    tax_number = serializers.CharField(required=False, default="", max_length=40, allow_blank=True)


class InvoiceInput(WindowInput):
    """Which window, and to whom if not to its payer."""

    recipient = RecipientInput(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the recipient as the service takes it."""
        written = attrs.get("recipient")
        return attrs | {"recipient": Recipient(**written) if written else None}
