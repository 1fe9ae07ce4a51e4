"""Programs of partners and their bulk work for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pms.api.held import grant_of
from pms.api.jobs import kind_named
from pms.api.models import ApiClient, Job
from pms.api.services import api_client_create
from pms.api.services.jobs import job_queue
from properties.models import Property


def make_job(
    *,
    hotel: Property,
    lines: Sequence[Mapping[str, Any]],
    kind: str = "room_conditions",
    client: ApiClient | None = None,
    scope: str = "*",
) -> Job:
    """Queue bulk work for a program of the hotel."""
    program = client or api_client_create(name="Petra", property_ids=[hotel.pk], scopes=scope.split()).client
    grant = grant_of(program, None, program.scopes)
    assert grant is not None
    return job_queue(kind=kind_named(kind), property_id=hotel.pk, grant=grant, lines=lines)
