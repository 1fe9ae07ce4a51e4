"""Operations whose answer is a file: `FileApi` for a view, which puts the bytes into `self.content`."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework.renderers import BaseRenderer, JSONRenderer

from .base import ApiView
from .schema import OperationSchema


class FileSchema(OperationSchema):
    """Describes an answer that is a file."""

    def get_response_serializers(self) -> Any:
        """Return the answers by status, the success as a file."""
        answers = super().get_response_serializers()
        success = answers.pop(200)
        kind = getattr(self.view, "media_type", FileApi.media_type)
        return {(200, kind): OpenApiResponse(OpenApiTypes.BINARY, success.description), **answers}


class FileApi(ApiView):
    """The base of operations that answer a file of `media_type`; refusals are problems, as everywhere."""

    media_type: ClassVar[str] = "application/octet-stream"
    schema = FileSchema()
    content: bytes | None = None

    def get_renderers(self) -> list[Any]:
        """Let a client ask for the file by its type, or for anything."""
        return [_renderer(self.media_type)(), JSONRenderer()]

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Put the file in place of the empty answer; the headers that the operation gave stay."""
        if self.content is not None and response.status_code == 200:
            headers = {name: value for name, value in response.items() if name != "Content-Type"}
            response = HttpResponse(self.content, content_type=self.media_type, headers=headers)
        return super().finalize_response(request, response, *args, **kwargs)


def _renderer(kind: str) -> type[BaseRenderer]:
    class FileRenderer(BaseRenderer):
        media_type, format, charset = kind, kind.rpartition("/")[2], None

        def render(self, data: Any, *_context: Any, **_more: Any) -> Any:
            """Return what there is: only a refusal would come here, and those write themselves."""
            return b""

    return FileRenderer
