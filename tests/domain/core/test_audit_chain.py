"""Entries get dense places in the chain of their hotel after the commit, and the check says what and where."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from pms.core.chain import heads, sealing
from pms.core.chain.check import ERASED, WORDS, Kind, as_row, check_asked, check_chain, check_next, last_check
from pms.core.models import INSTALLATION, AuditEntry, AuditSeal
from tests.domain.core.chains import CHAIN, check, execute, ids, make_chain, write_entries
from tests.domain.core.given import make_hotel, make_room
from tests.domain.core.test_grants import as_application
from tests.race import Rendezvous, together

pytestmark = pytest.mark.django_db


def seqs(chain: uuid.UUID) -> list[int]:
    return list(AuditSeal.objects.filter(property_id=chain).order_by("seq").values_list("seq", flat=True))


def test_each_hotel_has_a_chain_of_its_own_with_dense_numbers() -> None:
    first, second = make_room(), make_room()

    sealed = sealing.seal_due()
    first.floor = "3"
    first.save()
    sealed += sealing.seal_due()

    assert sealed == AuditEntry.objects.count() == AuditSeal.objects.count()
    for chain in (first.property_id, second.property_id):
        count = AuditEntry.objects.filter(property_id=chain).count()
        assert seqs(chain) == list(range(1, count + 1))
        assert check_chain(chain).findings == []


def test_rows_of_several_hotels_stand_in_the_chain_of_the_installation() -> None:
    hotel = make_hotel()
    make_hotel(organization=hotel.organization)
    hotel.organization.name = "New name"
    hotel.organization.save()

    sealing.seal_due()

    seal = AuditSeal.objects.get(entry_id=AuditEntry.objects.filter(property_id=None).latest("id").pk)
    assert seal.property_id == INSTALLATION
    assert check_chain(INSTALLATION).findings == []


def test_sealing_again_does_nothing() -> None:
    make_room()

    assert sealing.seal_due() > 0
    assert sealing.seal_due() == sealing.seal_due(full=True) == 0


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_commits_late_gets_a_later_place() -> None:
    race, slow = Rendezvous(), []

    def write_slowly() -> None:
        with transaction.atomic():
            slow.extend(write_entries(1))
            race.reached("written")
            race.wait_for("sealed")

    def seal_meanwhile() -> None:
        race.wait_for("written")
        write_entries(1)
        sealing.seal_due()
        race.reached("sealed")

    assert together(write_slowly, seal_meanwhile) == [None, None]
    assert ids() != slow and len(ids()) == 1
    sealing.seal_due()

    assert ids()[1:] == slow and slow[0] < ids()[0]
    assert check_chain(CHAIN).findings == []


@pytest.mark.django_db(transaction=True)
def test_the_application_seals_and_can_change_neither_entries_nor_seals(settings: Any) -> None:
    settings.DATABASE_APP_ROLE = "pms_app"
    from pms.core import grants

    grants.grant_to_app_role()

    with as_application():
        write_entries(3)
        assert sealing.seal_due() == 3
        assert check_chain(CHAIN).findings == []
        for statement in ("UPDATE core_auditseal SET seq = 9", "DELETE FROM core_auditseal", "TRUNCATE core_auditseal"):
            with pytest.raises(Exception, match="permission denied for table core_auditseal"), transaction.atomic():
                execute(statement)


def test_a_chain_that_cannot_go_on_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    write_entries(2)
    write_entries(2, chain=uuid.UUID(int=1))
    seal = sealing.seal_chain

    def stuck(chain: uuid.UUID, *, first: int = 0) -> int:
        if chain == CHAIN:
            raise RuntimeError
        return seal(chain, first=first)

    with monkeypatch.context() as broken:
        broken.setattr(sealing, "seal_chain", stuck)
        assert sealing.seal_due() == 2
    assert sealing.seal_due() == 2


def test_who_seals_tells_the_pages_in_the_same_transaction() -> None:
    told: list[uuid.UUID] = []
    sealing.on_sealed(told.append)
    try:
        write_entries(3)
        sealing.seal_due()
    finally:
        sealing._told.remove(told.append)

    assert told == [CHAIN]


# --- what waits -------------------------------------------------------------------------------------------------------


def test_an_entry_without_a_seal_for_a_minute_is_an_alarm() -> None:
    write_entries(2)
    now = timezone.now()

    assert sealing.overdue(now) == {}
    assert list(sealing.overdue(now + dt.timedelta(seconds=61))) == [CHAIN]
    sealing.seal_due()
    assert sealing.overdue(now + dt.timedelta(seconds=61)) == {}


def test_what_a_sweep_misses_the_whole_search_finds() -> None:
    """An entry far older than the newest seal: a sweep looks back a quarter of an hour."""
    (old,) = write_entries(1, chain=uuid.UUID(int=1))
    AuditEntry.objects.filter(pk=old).update(timestamp=timezone.now() - dt.timedelta(hours=1))
    write_entries(1)
    sealing.seal_chain(CHAIN)

    assert sealing.seal_due() == 0
    assert sealing.seal_due(full=True) == 1


# --- heads ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """Where the heads go."""
    settings.AUDIT_HEADS_DIR = tmp_path / "heads"
    return tmp_path / "heads"


def test_heads_are_signed_appended_and_read_back(folder: Path) -> None:
    hotel = make_room().property
    sealing.seal_due()

    heads.write_heads()
    heads.write_heads()

    first, second = heads.read_heads(hotel.pk)
    seq, value = sealing.head_of(hotel.pk)
    assert (first.seq, first.hash) == (second.seq, second.hash) == (seq, value.hex())
    (file,) = folder.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert heads.newest_head(hotel.pk) is not None


def test_a_head_that_somebody_wrote_himself_is_a_finding(tmp_path: Path) -> None:
    make_chain(5, tmp_path)
    file = tmp_path / "heads.jsonl"
    file.write_text(file.read_text().replace('"seq": 5', '"seq": 4'))

    assert [one.kind for one in check(tmp_path).findings] == [Kind.HEADS]


def test_heads_signed_with_the_key_before_are_still_good(tmp_path: Path, settings: Any) -> None:
    make_chain(5, tmp_path)
    settings.AUDIT_HEAD_KEYS = ["bmV3ZXItZm9yLXRlc3RzLTMyLWJ5dGVzLWxvbmctMTI=", *settings.AUDIT_HEAD_KEYS]

    assert check(tmp_path).findings == []
    settings.AUDIT_HEAD_KEYS = settings.AUDIT_HEAD_KEYS[:1]
    assert [one.kind for one in check(tmp_path).findings] == [Kind.HEADS]


def broken_sink(_lines: list[str]) -> None:
    """A place for heads that is away."""
    raise OSError("away")


def test_a_sink_that_is_away_does_not_keep_the_heads_from_the_others(folder: Path, settings: Any) -> None:
    settings.AUDIT_HEAD_SINKS = [f"{__name__}.broken_sink", *settings.AUDIT_HEAD_SINKS]
    hotel = make_room().property
    sealing.seal_due()

    with pytest.raises(OSError, match="away"):
        heads.write_heads()

    assert len(list(heads.read_heads(hotel.pk))) == 1


# --- the check says what and where ------------------------------------------------------------------------------------


def test_one_changed_entry_is_one_finding_at_its_place(tmp_path: Path) -> None:
    make_chain(9, tmp_path)
    pk = ids()[4]
    execute("UPDATE core_auditentry SET object_repr = 'Room 502' WHERE id = %(pk)s", {"pk": pk})

    (finding,) = check(tmp_path).findings

    assert (finding.kind, finding.seq, finding.entry) == (Kind.CHANGED, 5, pk)
    assert as_row(finding) == {"kind": "changed", "seq": 5, "entry": pk, "text": WORDS[Kind.CHANGED]}


def test_a_check_since_a_moment_looks_at_what_was_sealed_after_it(tmp_path: Path) -> None:
    make_chain(5, tmp_path)
    execute("UPDATE core_auditseal SET sealed_at = sealed_at - interval '2 days'")
    execute("UPDATE core_auditentry SET object_repr = 'x' WHERE id = %(pk)s", {"pk": ids()[0]})
    write_entries(4)
    sealing.seal_chain(CHAIN)

    recent = check_chain(CHAIN, since=timezone.now() - dt.timedelta(days=1), heads=tmp_path)

    assert (recent.entries, recent.findings) == (4, [])
    assert [one.seq for one in check(tmp_path).findings] == [1]


def test_values_that_were_erased_lawfully_leave_the_chain_whole(tmp_path: Path) -> None:
    """The design of erasure: values and salt go, the digest stays, and an entry says which ones may be empty."""
    make_chain(5, tmp_path)
    pk = ids()[2]
    execute(
        "UPDATE core_auditentry SET object_repr = '', changes = NULL, changes_text = '' WHERE id = %(pk)s", {"pk": pk}
    )
    execute("UPDATE core_auditseal SET salt = NULL WHERE entry_id = %(pk)s", {"pk": pk})
    assert [(one.kind, one.entry) for one in check(tmp_path).findings] == [(Kind.CHANGED, pk)]

    (note,) = write_entries(1)
    AuditEntry.objects.filter(pk=note).update(act=ERASED, additional_data={"erased": [pk]})
    sealing.seal_chain(CHAIN)

    result = check(tmp_path)
    assert (result.findings, result.erased) == ([], 1)


def test_a_check_that_was_asked_for_is_done_once_and_kept() -> None:
    make_room()
    sealing.seal_due()
    chain = AuditSeal.objects.exclude(property_id=INSTALLATION).latest("entry_id").property_id

    asked = check_asked(chain=chain)
    done = check_next()

    assert done is not None and done.pk == asked.pk and done.finished_at is not None and done.entries > 0
    assert check_next() is None
    assert last_check(chain) == done


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_checks_every_chain_and_is_content(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hotel = make_room().property
    sealing.seal_due()
    heads.write_heads()

    call_command("audit_verify")
    call_command("audit_verify", property=hotel.code)

    told = capsys.readouterr().out
    assert told.count(hotel.code) == 2 and "the installation" in told and "whole" in told


def test_the_command_says_what_is_wrong_and_fails(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    room = make_room()
    sealing.seal_due()
    entry = AuditEntry.objects.get(object_pk=str(room.pk))
    execute("UPDATE core_auditentry SET changes = NULL WHERE id = %(pk)s", {"pk": entry.pk})

    with pytest.raises(SystemExit) as end:
        call_command("audit_verify", property=room.property.code)

    assert end.value.code == 1
    assert f"entry {entry.pk}: its values are not those that were sealed" in capsys.readouterr().out


def test_the_command_knows_no_such_hotel() -> None:
    with pytest.raises(CommandError, match="No hotel has the code NONE"):
        call_command("audit_verify", property="NONE")
