"""What serializers of the public API are made of: strict input, money, nights, moments.

`Input` and `Query` refuse names that they do not know: a mistyped field that is ignored silently is a booking without
its departure.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from numbers import Real
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from pms.core.errors import InvalidValue
from pms.core.money import as_json, minor_digits, quantize

from .paging import DEFAULT_LIMIT, MAX_LIMIT

Fields = dict[str, serializers.Field]


class Input(serializers.Serializer):
    """The body of a request, or an object inside it. An unknown field is refused with `unknown_field`.

    A value of another JSON type than described is refused too: the framework would store the number 5 as the text "5".
    """

    unknown_code = "unknown_field"
    unknown_text = "There is no such field."
    typed = True

    def to_internal_value(self, data: Any) -> Any:
        """Read `data`, after making sure that every name in it is known and writable and every value of its type."""
        if isinstance(data, Mapping):
            known = {name for name, field in self.fields.items() if not field.read_only}
            unknown = [name for name in data if name not in known]
            if unknown:
                code, text = self.unknown_code, self.unknown_text
                raise ValidationError({str(name): [ErrorDetail(text, code=code)] for name in unknown})
            if self.typed:
                wrong = {name: _mistyped(self.fields[name], value) for name, value in data.items()}
                if any(wrong.values()):
                    raise ValidationError({name: errors for name, errors in wrong.items() if errors})
        return super().to_internal_value(data)


def _mistyped(field: serializers.Field, value: Any) -> Any:
    """Return what is wrong with the JSON type of `value`, as the framework tells it; nothing if it may be read."""
    if isinstance(field, serializers.ListField) and isinstance(value, list):
        return {place: errors for place, one in enumerate(value) if (errors := _mistyped(field.child, one))}
    if value is None or _is_of_its_type(field, value):
        return None
    return [ErrorDetail(str(field.error_messages["invalid"]), code="invalid")]


def _is_of_its_type(field: serializers.Field, value: Any) -> bool:
    if isinstance(field, serializers.CharField):
        return isinstance(value, str)
    if isinstance(field, serializers.BooleanField):
        return isinstance(value, bool)
    if not isinstance(field, serializers.IntegerField):
        return True
    # 2.0 is an integer of JSON, true is none.
    return isinstance(value, Real) and not isinstance(value, bool) and value % 1 == 0


class Patch(Input):
    """The body of a PATCH: an absent field keeps its value, null clears it, `version` is an alias of If-Match."""

    version = serializers.IntegerField(
        required=False, min_value=1, help_text="The version you saw; the same as `If-Match`."
    )

    def get_fields(self) -> Fields:
        """Return the fields; what may be empty takes null as well."""
        fields = super().get_fields()
        for field in fields.values():
            field.allow_null = field.allow_null or _may_be_empty(field)
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Read null as "empty" where the column behind holds no null."""
        return {name: self._cleared(name) if value is None else value for name, value in attrs.items()}

    def _cleared(self, source: str) -> Any:
        field = next(field for field in self.fields.values() if field.source == source)
        if isinstance(field, serializers.ListField):
            return []
        return "" if getattr(field, "allow_blank", False) else None


def _may_be_empty(field: serializers.Field) -> bool:
    if isinstance(field, serializers.ListField):
        return bool(field.allow_empty)
    return bool(getattr(field, "allow_blank", False))


class Query(Input):
    """The parameters of an address."""

    unknown_code = "unknown_parameter"
    unknown_text = "There is no such parameter."
    typed = False  # in an address all is text


class PageQuery(Query):
    """The parameters of every list."""

    limit = serializers.IntegerField(
        required=False, default=DEFAULT_LIMIT, min_value=1, max_value=MAX_LIMIT, help_text="Rows on one page."
    )
    cursor = serializers.CharField(
        required=False, default="", max_length=2000, help_text="Where to go on; taken from `next`, never made up."
    )


class DryRunQuery(Query):
    """The parameter of every act: try it, write nothing."""

    dry_run = serializers.BooleanField(
        required=False, default=False, help_text="Check everything, answer as if it were done, and write nothing."
    )


class NightField(serializers.DateField):
    """A date written `YYYY-MM-DD`, in this century: far ends would overflow the arithmetic of stays."""

    FORM = re.compile(r"\d{4}-\d{2}-\d{2}")
    default_error_messages = {"far": "Use a date between 2000-01-01 and 2099-12-31."}

    def to_internal_value(self, value: Any) -> dt.date:
        """Return the date; other spellings of ISO 8601 are refused, since partners' systems mix them up."""
        if not isinstance(value, str) or not self.FORM.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DD")
        date: dt.date = super().to_internal_value(value)
        if not 2000 <= date.year <= 2099:
            self.fail("far")
        return date


class NightsQuery(Query):
    """`from` and `to`: nights, both included. Read them as `query["from"]` and `query["to"]`."""

    longest = 731

    def get_fields(self) -> Fields:
        """Return the fields; `from` cannot be the name of a class attribute."""
        nights: Fields = {
            "from": NightField(help_text="The first night."),
            "to": NightField(help_text="The last night, itself included."),
        }
        return {**nights, **super().get_fields()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse an empty span, and one that is longer than `longest` nights."""
        nights = (attrs["to"] - attrs["from"]).days + 1
        if not 1 <= nights <= self.longest:
            raise InvalidValue(
                f"`to` must be the same night as `from` or up to {self.longest - 1} nights later. Nothing was done.",
                field="to",
            )
        return attrs


class OptionalNightsQuery(NightsQuery):
    """The same where nights narrow a list: without them all rows are meant, with one of them the other end is open."""

    def get_fields(self) -> Fields:
        """Return the fields, none of them required."""
        fields = super().get_fields()
        for name in ("from", "to"):
            fields[name].required = False
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check the span where one was given."""
        return super().validate(attrs) if {"from", "to"} <= set(attrs) else attrs


@extend_schema_field(OpenApiTypes.STR)
class CommaSeparated(serializers.Field):
    """Several values in one parameter, such as `children=7,12`; each is read by `child`."""

    default_error_messages = {"many": "At most {most} values."}

    def __init__(self, child: serializers.Field, *, most: int = 100, **options: Any) -> None:
        super().__init__(**options)
        self.child, self.most = child, most

    def to_internal_value(self, data: Any) -> list[Any]:
        """Return the values as a list; an empty text is an empty list."""
        parts = [part.strip() for part in str(data).split(",")] if str(data).strip() else []
        if len(parts) > self.most:
            self.fail("many", most=self.most)
        return [self.child.run_validation(part) for part in parts]

    def to_representation(self, value: Any) -> str:
        """Return the values with commas between them."""
        return ",".join(str(self.child.to_representation(item)) for item in value)


MONEY_SCHEMA = {
    "type": "object",
    "required": ["amount", "currency"],
    "additionalProperties": False,
    "properties": {
        "amount": {"type": "string", "pattern": r"^-?\d{1,11}(\.\d{1,3})?$", "examples": ["119.00"]},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "examples": ["EUR"]},
    },
}


@extend_schema_field(MONEY_SCHEMA)
class MoneyField(serializers.Field):
    """An amount of money: `{"amount": "119.00", "currency": "EUR"}` outside, a `Decimal` inside.

    The currency is the one of `context["currency"]` (the hotel's); another one is refused with `wrong_currency`, and
    more digits than the currency has with `invalid_value`: amounts are never rounded silently on the way in.
    """

    AMOUNT = re.compile(r"-?\d{1,11}(\.\d{1,3})?")
    default_error_messages = {
        "invalid": 'Write money as {{"amount": "119.00", "currency": "EUR"}}, the amount as text.',
        "negative": "The amount must not be negative.",
    }

    def __init__(self, *, negative: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.negative = negative

    def to_internal_value(self, data: Any) -> Decimal:
        """Return the amount."""
        if not isinstance(data, Mapping) or set(data) != {"amount", "currency"}:
            self.fail("invalid")
        text, currency = data["amount"], data["currency"]
        if not isinstance(text, str) or not isinstance(currency, str) or not self.AMOUNT.fullmatch(text):
            self.fail("invalid")
        amount, ours = Decimal(text), self.context["currency"]
        if amount < 0 and not self.negative:
            self.fail("negative")
        if currency != ours:
            raise WrongCurrency(
                f"This hotel works in {ours}, the amount is in {currency}. Nothing was done.",
                field=self.field_name,
                currency=ours,
            )
        if quantize(amount, ours) != amount:
            raise InvalidValue(
                _("%(currency)s has %(digits)s digits after the point. Nothing was done.")
                % {"currency": ours, "digits": minor_digits(ours)},
                field=self.field_name,
            )
        return quantize(amount, ours)

    def to_representation(self, value: Decimal) -> dict[str, str]:
        """Return the public form, in the hotel's currency."""
        return as_json(value, self.context["currency"])


class WrongCurrency(InvalidValue, code="wrong_currency", kind=InvalidValue.kind):
    """An amount came in another currency than the hotel's."""


@extend_schema_field(OpenApiTypes.STR)
class IdField(serializers.Field):
    """An id, opaque to clients. In input it must at least look like one of ours."""

    default_error_messages = {"invalid": "This is not an id."}

    def to_internal_value(self, data: Any) -> Any:
        """Return the id as a UUID."""
        return serializers.UUIDField().run_validation(data)

    def to_representation(self, value: Any) -> str:
        """Return the id as text; a row is written by its key."""
        return str(getattr(value, "pk", value))


@extend_schema_field({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$", "examples": ["15:00"]})
class TimeField(serializers.TimeField):
    """A time on the hotel's wall clock, `HH:MM`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%H:%M", input_formats=["%H:%M", "%H:%M:%S"], **options)
