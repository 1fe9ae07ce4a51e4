"""The description of the API: complete, valid, committed, and shown by a page of our own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.validation import validate_schema

from pms.api import base, operations, scopes
from pms.api.calls import Call
from pms.api.management.commands.openapi import as_text
from pms.api.schema import describe, described
from pms.api.views import docs, docs_errors, openapi, unknown_address

OPEN = {openapi, docs, docs_errors, unknown_address}


def routes(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in resolver.url_patterns:
        here = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, here)
        elif isinstance(pattern, URLPattern):
            yield here, pattern.callback


def api_routes() -> list[tuple[str, Any]]:
    return [(path, view) for path, view in routes(get_resolver()) if path.lstrip("^").startswith("api/")]


def test_every_address_under_api_declares_its_operations() -> None:
    found = api_routes()
    assert len(found) >= 10
    for path, view in found:
        if view in OPEN:
            continue
        kind = getattr(view, "view_class", None) or view.cls
        assert issubclass(kind, base.ApiView), f"{path} is no ApiView: nobody asks for a token there."
        assert kind.operations, path
        for method, operation in kind.operations.items():
            assert operation.scope in scopes.registered(), f"{method} {path}: no app declares {operation.scope}."
            needs_right = "property_code" in path
            assert bool(operation.right) is needs_right, f"{method} {path}: the right at the hotel is missing."
            held = scopes.registered()[operation.scope].rights
            assert not operation.right or operation.right in held, f"{method} {path}: its scope lacks its right."
        assert not path.endswith("/"), f"{path} ends in a slash."


def test_a_method_without_a_declaration_cannot_exist() -> None:
    with pytest.raises(TypeError, match="declares no scope"):

        class Open(base.ApiView):
            def get(self, call: Call) -> None: ...

    with pytest.raises(TypeError, match="needs a scope"):
        operations.operation(summary="x", scope="")(Open_get)
    with pytest.raises(TypeError, match="a PATCH is versioned"):
        operations.operation(summary="x", scope="x.y")(patch)


def Open_get() -> None: ...  # noqa: N802


Open_get.__name__ = "get"


def patch() -> None: ...


def test_the_committed_description_is_that_of_the_code() -> None:
    committed = (Path(settings.BASE_DIR) / "docs" / "openapi.json").read_text(encoding="utf-8")
    assert committed == as_text(), "The API changed: run `python3 manage.py openapi` and commit docs/openapi.json."


def test_the_description_is_valid_and_made_without_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    document = describe()
    validate_schema(document)
    assert capsys.readouterr().err == ""
    assert document["openapi"] == "3.1.0"


def test_the_description_knows_every_operation_and_its_refusals() -> None:
    document = described()
    told = {(path, method.upper()) for path, entry in document["paths"].items() for method in entry}
    served = {
        ("/" + path.replace("<str:", "{").replace("<uuid:", "{").replace("<int:", "{").replace(">", "}"), method)
        for path, view in api_routes()
        if hasattr(view, "cls")
        for method in view.cls.operations
    }
    assert told == served
    names: set[str] = set()
    for entry in document["paths"].values():
        for method, operation in entry.items():
            assert operation["security"][0]["clientCredentials"]
            assert operation["summary"]
            names.add(operation["operationId"])
            wanted = {"400", "401", "403", "404", "406", "429", "500", "503"}
            wanted |= set() if method == "get" else {"409", "415", "422"}
            wanted |= {"412", "428"} if method == "patch" else set()
            assert wanted <= set(operation["responses"])
            for status in wanted:
                schema = operation["responses"][status]["content"]["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}
    assert len(names) == len(told)


def test_every_object_carries_its_version() -> None:
    document = described()
    schemas = document["components"]["schemas"]
    objects: dict[str, bool] = {}
    for path, entry in document["paths"].items():
        answer = entry.get("get", {}).get("responses", {}).get("200", {})
        schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
        fields = schemas.get(schema.get("$ref", "").rpartition("/")[2], {}).get("properties", {})
        if "id" in fields:
            objects[path] = "ETag" in answer.get("headers", {}) and "version" in fields
    assert len(objects) >= 10
    assert [path for path, versioned in objects.items() if not versioned] == []


def test_every_scope_is_explained() -> None:
    flow = described()["components"]["securitySchemes"]["clientCredentials"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == "/identity/o/api/token"
    assert set(flow["scopes"]) == {*scopes.registered(), "*"}
    assert all(flow["scopes"].values())


def test_bodies_allow_no_other_fields() -> None:
    schemas = described()["components"]["schemas"]
    assert schemas["ConditionInput"]["additionalProperties"] is False
    assert set(schemas["ConditionInput"]["properties"]) == {"condition", "version"}
    assert "additionalProperties" not in schemas["Room"]


def test_the_description_is_open_to_all(client: Client) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json() == json.loads(as_text())
    assert client.post("/api/v1/openapi.json").status_code == 405


def test_the_page_takes_nothing_from_elsewhere(client: Client, db: None) -> None:
    page = client.get("/api/v1/docs")
    text = page.content.decode()
    assert "//cdn" not in text
    assert "http" not in text.replace("http-equiv", "")
    assert "<style" not in text
    assert "style=" not in text
    assert "unsafe" not in page["Content-Security-Policy"]
