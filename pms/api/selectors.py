"""Reads of the API kernel: clients, the client of a token, and the hotel an address names."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from allauth.idp.oidc.models import Client, Token
from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from pms.accounts.access import permitted, rights_at
from pms.accounts.models import User
from pms.core.errors import NotAllowed, NotThere
from pms.events.models import StreamEvent
from pms.events.selectors import Head, all_kept, stream_head, unbroken_from

from .errors import CursorExpired, EpochChanged
from .models import ApiClient, ApiGrant, ApiUse, Job, JobChunk
from .permissions import Permission


def api_clients() -> list[ApiClient]:
    """Return all clients of the installation, by name."""
    return list(ApiClient.objects.select_related("oidc"))


def api_client_of(client_id: str) -> ApiClient:
    """Return the client whose public id is `client_id`. Raises `NotThere`."""
    client: ApiClient | None = ApiClient.objects.select_related("oidc").filter(oidc_id=client_id).first()
    if client is None:
        raise NotThere(_("That API client"))
    return client


def api_clients_at(property_id: uuid.UUID) -> models.QuerySet[ApiClient]:
    """Return the clients that are bound to the hotel."""
    return ApiClient.objects.filter(properties__contains=[property_id]).select_related("oidc")


def api_client_for(user: User, right: str, property_id: uuid.UUID, pk: uuid.UUID) -> ApiClient:
    """Return a client of the hotel, if `user` holds `right` there.

    To change one that works at several hotels takes the right in all of them, since it changes there too. Raises
    `NotThere`, `NotAllowed`.
    """
    permitted(user, right, property_id)
    client: ApiClient | None = api_clients_at(property_id).filter(pk=pk).first()
    if client is None:
        raise NotThere("That API client")
    if right == Permission.API_CLIENT_CHANGE and not all(right in rights_at(user, one) for one in client.properties):
        raise NotAllowed(right)
    return client


def access_token(value: str) -> Token | None:
    """Return the living access token `value` with its client, service user and person, in one query, or None."""
    tokens = Token.objects.valid().by_value(value).filter(type=Token.Type.ACCESS_TOKEN)
    token: Token | None = tokens.select_related("client__api_client__user", "user").first()
    return token


def refresh_tokens(value: str) -> models.QuerySet[Token]:
    """Return the refresh token `value`, if there is one that was not spent, as rows to lock or to read."""
    rows: models.QuerySet[Token] = Token.objects.by_value(value).filter(type=Token.Type.REFRESH_TOKEN)
    return rows


def token_client(client_id: str) -> Client | None:
    """Return the client as it proves itself at the token endpoint: its former secret may still count."""
    oidc = Client.objects.filter(pk=client_id, api_client__is_active=True).select_related("api_client").first()
    if oidc is None:
        return None
    client: ApiClient = oidc.api_client
    until = client.previous_secret_until
    if until is not None and until > timezone.now():
        current = oidc.check_secret
        former = client.previous_secret
        oidc.check_secret = lambda secret: current(secret) or check_password(secret, former)
    return oidc


def app_asking(client_id: str) -> ApiClient | None:
    """Return the app that asks people to let it act for them, or None if there is none (any more)."""
    apps_open = ApiClient.objects.filter(oidc_id=client_id, on_behalf=True, is_active=True)
    client: ApiClient | None = apps_open.select_related("oidc").first()
    return client


def living_grant(client: ApiClient, user: User) -> ApiGrant | None:
    """Return what this person lets the client do now, or None."""
    grant: ApiGrant | None = ApiGrant.objects.filter(client=client, user=user, revoked_at=None).first()
    return grant


def grants_of(user: User) -> list[ApiGrant]:
    """Return what this person lets programs do, the latest first, each with its `used_at` (None: never)."""
    rows = ApiGrant.objects.filter(user=user, revoked_at=None, client__is_active=True).select_related("client")
    grants = list(rows.order_by("-granted_at"))
    used = used_at(grant.pk for grant in grants)
    for grant in grants:
        grant.used_at = used.get(grant.pk)
    return grants


def grant_of(user: User, pk: uuid.UUID) -> ApiGrant:
    """Return a grant of this person. Raises `NotThere`, also for another's."""
    grant: ApiGrant | None = ApiGrant.objects.filter(user=user, pk=pk).select_related("client").first()
    if grant is None:
        raise NotThere(_("That app"))
    return grant


def jobs_of(client: ApiClient, person: User | None, property_id: uuid.UUID) -> models.QuerySet[Job]:
    """Return the bulk work that this program asked for at the hotel, for this person if it acts for one."""
    return Job.objects.filter(property_id=property_id, client=client, person=person)


def job_of(client: ApiClient, person: User | None, property_id: uuid.UUID, pk: uuid.UUID) -> Job:
    """Return bulk work of this program. Raises `NotThere`, also for another's."""
    job: Job | None = jobs_of(client, person, property_id).filter(pk=pk).first()
    if job is None:
        raise NotThere("That job")
    return job


def job_at(property_id: uuid.UUID, pk: uuid.UUID) -> Job:
    """Return bulk work at the hotel, whichever program asked for it. Raises `NotThere`."""
    job: Job | None = Job.objects.filter(property_id=property_id, pk=pk).first()
    if job is None:
        raise NotThere("That job")
    return job


def jobs_open(property_id: uuid.UUID, client_id: uuid.UUID | None = None) -> models.QuerySet[Job]:
    """Return the bulk work at the hotel that has not ended, of one program or of all, the oldest first."""
    whose = {} if client_id is None else {"client_id": client_id}
    return Job.objects.filter(property_id=property_id, **whose).exclude(status__in=Job.ENDED).order_by("created_at")


def jobs_shown(property_id: uuid.UUID, *, since: dt.datetime) -> list[Job]:
    """Return the bulk work at the hotel that has not ended, or failed since then, each with its progress."""
    failed = models.Q(status=Job.Status.FAILED, finished_at__gte=since)
    rows = Job.objects.filter(~models.Q(status__in=Job.ENDED) | failed, property_id=property_id)
    jobs = list(rows.select_related("client").order_by("created_at"))
    with_progress(jobs)
    return jobs


def job_for_update(pk: uuid.UUID) -> Job:
    """Lock a job and return it as it is now. Raises `NotThere`."""
    rows = Job.objects.select_for_update(no_key=True, of=("self",)).select_related("client__user", "person")
    job: Job | None = rows.filter(pk=pk).first()
    if job is None:
        raise NotThere("That job")
    return job


def with_progress(jobs: Iterable[Job]) -> None:
    """Give each of these jobs its `done`, `errors` and `result`, in one question for all."""
    by_id = {job.pk: job for job in jobs}
    for job in by_id.values():
        job.done, job.errors, job.result = 0, [], []
    chunks = JobChunk.objects.filter(job__in=by_id, done_at__isnull=False).order_by("first")
    for pk, size, errors, results in chunks.values_list("job_id", "size", "errors", "results"):
        job = by_id[pk]
        job.done, job.errors, job.result = job.done + size, [*job.errors, *errors], [*job.result, *results]


def used_at(subject_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, dt.datetime]:
    """Return when each of these clients or grants was last used, to some minutes."""
    return dict(ApiUse.objects.filter(subject_id__in=list(subject_ids)).values_list("subject_id", "used_at"))


def hotels_by_id(ids: Iterable[uuid.UUID]) -> list[Any]:
    """Return the hotels with these ids, by code."""
    return list(tenant()._default_manager.filter(pk__in=list(ids)).order_by("code"))


def tenant() -> type[models.Model]:
    """Return the model of the tenant (the hotel), which the kernel knows by a setting alone."""
    return apps.get_model(settings.TENANT_MODEL)


def hotel_by_code(code: str) -> Any:
    """Return the hotel with this short code, whoever asks: the caller must ask `access` next. Raises `NotThere`."""
    hotel = tenant()._default_manager.filter(code=code).first()
    if hotel is None:
        raise NotThere(_("That hotel"))
    return hotel


def hotel_codes() -> dict[uuid.UUID, str]:
    """Return the short code of every hotel of the installation by its id."""
    return dict(tenant()._default_manager.values_list("pk", "code"))


def hotels_by_code(codes: Iterable[str]) -> list[Any]:
    """Return the hotels with these codes, in the order asked for. Raises `NotThere` for the first that is unknown."""
    return [hotel_by_code(code) for code in codes]


@dataclass(frozen=True, slots=True)
class Feed:
    """Some events of a hotel, the head of its stream (read before them), and the number to ask with next."""

    events: Sequence[StreamEvent]
    head: Head
    next_after: int


def public_events(
    property_id: uuid.UUID, *, after: int | None, epoch: str, limit: int, object_types: Sequence[str]
) -> Feed:
    """Return at most `limit` things that happened after number `after`, about objects of these types, in order.

    Without `after` they begin with the oldest from which on all are kept. Raises `EpochChanged` if the client's
    numbers belong to another epoch (or are higher than any given), `CursorExpired` if any event after `after`, up to
    where the answer goes, is no longer kept.
    """
    head = stream_head(property_id)
    if (epoch and epoch != head.epoch) or (after or 0) > head.seq:
        raise EpochChanged(
            "The stream was restored to an earlier point, so its numbers mean other events now. Read the objects "
            "you keep again, then go on from `head`.",
            epoch=head.epoch,
            head=head.seq,
        )
    if after is None:
        after = (unbroken_from(property_id) or head.seq + 1) - 1
    rows = StreamEvent.objects.filter(property_id=property_id, seq__gt=after, kind=StreamEvent.Kind.HAPPENED)
    events = list(rows.filter(object_type__in=object_types).order_by("seq")[:limit])
    last = events[-1].seq or 0 if events else 0
    following = last if len(events) == limit else max(head.seq, last, after)
    # Asked after the rows were read: what is forgotten in between must not pass for read. Asked of all that is passed
    # over, not of the first: an event that is still owed to somebody outlives its neighbours.
    if not all_kept(property_id, after, following):
        raise CursorExpired(
            f"Events after {after} are no longer kept (7 days). Read the objects you keep again, then go on from "
            "`head`.",
            head=head.seq,
            epoch=head.epoch,
        )
    return Feed(events, head, following)
