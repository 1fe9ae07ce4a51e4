"""The description of the API (OpenAPI 3.1), made from the declared operations."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers

from pms.core.errors import DomainError

from . import scopes
from .expansions import MEMBER
from .fields import Input
from .problems import status_for

if TYPE_CHECKING:
    from .operations import Operation

SCHEME = "clientCredentials"
PROBLEM = "application/problem+json"
WHEN = {
    400: "The request cannot be read: form, type, unknown field or parameter.",
    401: "No access token, or one that is unknown, expired or disabled.",
    403: "The token lacks the scope.",
    404: "There is no such object, or it belongs to another hotel.",
    405: "The address does not know this method.",
    406: "Only JSON is spoken here.",
    409: "The state or the stock does not allow it now.",
    410: "It is no longer kept.",
    412: "Somebody else changed the same field; see `current` and `changed_fields`.",
    415: "The body must be JSON.",
    422: "Readable, but against a rule.",
    423: "The period is closed.",
    428: "The version seen is missing: send `If-Match`.",
    429: "Too many requests; see `Retry-After`.",
    500: "A fault of ours.",
    503: "Busy, or the database is away; see `Retry-After`.",
}


class ProblemError(serializers.Serializer):
    """One field and what is wrong with it."""

    field = serializers.CharField(help_text="Where, such as `reservations.0.adults`.")
    code = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer):
    """A refusal. `code` is stable; the facts of the refusal stand beside these members."""

    type = serializers.URLField(help_text="Explains the code to a person.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What happened, what was not done, what to do next.")
    code = serializers.CharField()
    errors = ProblemError(many=True)  # type: ignore[assignment]  # a declared field, not the attribute
    request_id = serializers.CharField()


EXAMPLE = {
    "type": "https://hotel.example/api/v1/docs/errors#unknown_parameter",
    "title": "Unknown parameter",
    "status": 400,
    "detail": "This operation has no parameter colour. Nothing was done; correct or leave out.",
    "code": "unknown_parameter",
    "errors": [{"field": "colour", "code": "unknown_parameter", "detail": "There is no such parameter."}],
    "request_id": "6f1c8a5e2b0d4c3f9a7e1d2c3b4a5f60",
    "parameters": ["colour"],
}


class OperationSchema(AutoSchema):
    """Describes an `ApiView` by its declared operations; nothing is guessed from code."""

    @property
    def declared(self) -> Operation:
        """Return the operation that is being described."""
        found: Operation = self.view.operations[self.method]  # type: ignore[attr-defined]
        return found

    def get_summary(self) -> str:
        """Return one line."""
        return self.declared.summary

    def get_description(self) -> str:  # type: ignore[override]
        """Return the paragraph under it: what it does, which scope it needs, which rules may refuse."""
        declared = self.declared
        parts = [declared.description, f"Scope: `{declared.scope}`."]
        if declared.deprecated:
            parts.insert(0, declared.deprecated.sentence())
        if declared.refusals:
            parts.append("Refusals: " + ", ".join(f"`{code}`" for code in declared.refusals) + ".")
        return "\n\n".join(part for part in parts if part)

    def is_deprecated(self) -> bool:
        """Tell whether the operation goes away."""
        return self.declared.deprecated is not None

    def get_tags(self) -> list[str]:
        """Return the chapter the operation stands in."""
        return [getattr(self.view, "tag", "") or self._tokenize_path()[-1]]

    def get_operation_id(self) -> str:
        """Return a name for generated clients: the path without the hotel, and the verb."""
        tokens = [token.replace("-", "_") for token in self._tokenize_path()]
        if tokens[0] == "properties" and len(tokens) > 1:
            tokens = tokens[1:]
        verb = "list" if self.declared.paged else {"GET": "get", "PUT": "set"}.get(self.method, self.method.lower())
        return "_".join([*tokens, verb])

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Return the scope that the token needs."""
        return [{SCHEME: [self.declared.scope]}]

    def get_request_serializer(self) -> Any:
        """Return the body, if there is one."""
        return self.declared.body

    def get_response_serializers(self) -> Any:
        """Return the answers by status: success and every refusal this operation can meet."""
        declared = self.declared
        answers: dict[Any, Any] = {declared.status: OpenApiResponse(self._output(), HTTPStatus(declared.status).phrase)}
        if declared.dry_run and declared.status != 200:
            answers[200] = OpenApiResponse(self._output(), "The answer to a dry run: nothing was written.")
        for status in _refusals(declared):
            example = OpenApiExample("unknown_parameter", EXAMPLE, status_codes=["400"], response_only=True)
            examples = [example] if status == 400 else []
            answers[status, PROBLEM] = OpenApiResponse(Problem, WHEN[status], examples)
        return answers

    def get_examples(self) -> list[Any]:
        """Return the declared examples."""
        return list(self.declared.examples)

    def get_override_parameters(self) -> list[Any]:
        """Return the parameters of the address and the headers."""
        declared = self.declared
        headers = [
            OpenApiParameter(
                "RateLimit-Remaining",
                OpenApiTypes.INT,
                OpenApiParameter.HEADER,
                description="Requests left in this minute.",
                response=[declared.status],
            )
        ]
        if declared.writes:
            words = "A fresh value for each new act; a repeat gets the first answer. A dry run needs none."
            headers.append(_header("Idempotency-Key", words, required=declared.key == "required"))
        if declared.versioned:
            headers.append(_header("If-Match", 'The version you saw, such as `"7"`.', required=False))
        if not declared.paged and declared.output is not None and "version" in getattr(declared.output(), "fields", ()):
            headers.append(
                OpenApiParameter(
                    "ETag",
                    OpenApiTypes.STR,
                    OpenApiParameter.HEADER,
                    description="The version of the object.",
                    response=[declared.status],
                )
            )
        return [*(reader() for reader in declared.parameters()), *headers]

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False  # a list is an object with `results`, declared as such

    def _output(self) -> Any:
        declared = self.declared
        if declared.output is None:
            return OpenApiTypes.OBJECT if declared.status != 204 else None
        row = _with_expansions(declared)
        if not declared.paged:
            return row
        name = row.__name__.removesuffix("Output")
        return inline_serializer(
            f"{name}Page", {"results": row(many=True), "next": serializers.URLField(allow_null=True)}
        )

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if isinstance(serializer, Input):
            schema["additionalProperties"] = False
        return schema

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """Return the name of a component: the class without the words that say which way it goes."""
        name: str = super().get_serializer_name(serializer, direction)
        return name.removesuffix("Output")


def _with_expansions(declared: Operation) -> Any:
    output: Any = declared.output
    return _expandable(output, tuple(sorted(declared.expand.items()))) if declared.expand else output


@cache
def _expandable(output: Any, known: tuple[tuple[str, Any], ...]) -> Any:
    """Return `output` with the member `expanded`, of which every part is there only if it was asked for."""
    name = output.__name__.removesuffix("Output")
    shapes = {
        part: expansion.output(many=expansion.many, required=False, **({} if expansion.many else {"allow_null": True}))
        for part, expansion in known
    }
    member = inline_serializer(f"{name}Expanded", shapes, required=False)
    return type(f"{name}ExpandableOutput", (output,), {MEMBER: member, "__doc__": output.__doc__})


def _header(name: str, description: str, *, required: bool) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.HEADER, required=required, description=description)


def _refusals(declared: Operation) -> list[int]:
    found = {400, 401, 403, 404, 406, 429, 500, 503}
    if declared.query is not None:
        found.add(422)  # readable parameters may break a rule, such as a span that ends before it begins
    if declared.writes:
        found |= {409, 415, 422}
    if declared.versioned:
        found |= {412, 428}
    named = [DomainError.catalogue[code] for code in declared.refusals if code in DomainError.catalogue]
    return sorted(found | {status_for(kind) for kind in named})


def complete(result: dict[str, Any], **_options: Any) -> dict[str, Any]:
    """Add the security scheme with all scopes to the description (a postprocessing hook of drf-spectacular)."""
    labels = {code: str(scope.label) for code, scope in scopes.registered().items()}
    result.setdefault("components", {})["securitySchemes"] = {
        SCHEME: {
            "type": "oauth2",
            "description": "Client credentials; make a client with `manage.py api_client create`.",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": reverse("identity:token"),
                    "scopes": {**labels, scopes.ALL: "Everything the client may do"},
                }
            },
        }
    }
    return result


def describe() -> dict[str, Any]:
    """Return the description of the whole API as plain JSON."""
    generator: Any = SchemaGenerator
    # In English for everybody: it is made once, by whoever asks first.
    with translation.override("en"):
        document: dict[str, Any] = generator().get_schema(request=None, public=True)
    return document


@cache
def described() -> dict[str, Any]:
    """Return the description, made once per process: the code it describes does not change."""
    return describe()
