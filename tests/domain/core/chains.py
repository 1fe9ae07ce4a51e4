"""A chain to try: entries of a hotel, sealed, with a signed head; and what somebody with all rights does to it."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.utils import timezone

from pms.core.chain import heads, sealing
from pms.core.chain.check import Result, check_chain
from pms.core.chain.hashes import COLUMNS, digest_of, hash_of
from pms.core.models import AuditEntry

CHAIN = uuid.UUID(int=0xC4A1)
# When everything that is written now is old enough to have been sealed.
LATER = dt.timedelta(minutes=5)


def write_entries(count: int, *, chain: uuid.UUID | None = CHAIN) -> list[int]:
    """Write entries as a service would, and return their ids."""
    kind = ContentType.objects.get(app_label="properties", model="room")
    made = AuditEntry.objects.bulk_create(
        AuditEntry(
            content_type=kind,
            object_pk=str(uuid.uuid4()),
            object_repr=f"Room {number}",
            action=AuditEntry.Action.UPDATE,
            changes={"condition": ["clean", f"dirty {number}"]},
            property_id=chain,
            via="web",
            request_id=uuid.uuid4().hex,
        )
        for number in range(count)
    )
    return [entry.pk for entry in made]


def make_chain(count: int, folder: Path) -> None:
    """Write and seal a chain of so many entries and sign its head into `folder`."""
    write_entries(count)
    assert sealing.seal_chain(CHAIN) == count
    seq, value = sealing.head_of(CHAIN)
    head = heads.Head(str(CHAIN), seq, value.hex(), timezone.now().isoformat())
    (folder / "heads.jsonl").write_text(heads.signed(head) + "\n")


def check(folder: Path) -> Result:
    """Check the chain some minutes from now against the heads in `folder`."""
    return check_chain(CHAIN, heads=folder, now=timezone.now() + LATER)


def execute(statement: str, values: Mapping[str, object] | None = None) -> int:
    """Run one statement with all rights and return how many rows it met."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def ids() -> list[int]:
    """Return the entries of the chain in their order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT entry_id FROM core_auditseal WHERE property_id = %s ORDER BY seq", [CHAIN])
        return [pk for (pk,) in cursor.fetchall()]


# --- what can be done to it -------------------------------------------------------------------------------------------

ENTRY_CHANGES = [
    "object_repr = object_repr || '.'",
    "changes = jsonb_set(changes, '{condition,1}', '\"clean\"')",
    "changes = NULL",
    "changes_text = 'nothing happened'",
    "serialized_data = '{}'",
    "additional_data = '{\"properties\": []}'",
    "timestamp = timestamp - interval '1 millisecond'",
    "action = action + 1",
    "act = act || 'x'",
    "via = 'api'",
    "request_id = ''",
    "object_pk = object_pk || '0'",
    "object_id = 7",
    "cid = 'other'",
    "remote_addr = '192.0.2.99'",
    "remote_port = 99",
    "actor_email = 'eve@example.com'",
    "content_type_id = (SELECT id FROM django_content_type WHERE model = 'property')",
    "property_id = NULL",
    "property_id = gen_random_uuid()",
]
SEAL_CHANGES = [
    "hash = sha256(hash)",
    "digest = sha256(digest)",
    "salt = sha256(salt)",
    "salt = NULL",
    "property_id = gen_random_uuid()",
    "seq = seq + 100000",
]
VALUES = "object_repr, changes, request_id, object_pk"


def change_an_entry(dice: random.Random) -> None:
    """Change one column of one entry."""
    change = dice.choice(ENTRY_CHANGES)
    assert execute(f"UPDATE core_auditentry SET {change} WHERE id = %(pk)s", {"pk": dice.choice(ids())}) == 1


def change_a_seal(dice: random.Random) -> None:
    """Change one column of one seal."""
    change = dice.choice(SEAL_CHANGES)
    assert execute(f"UPDATE core_auditseal SET {change} WHERE entry_id = %(pk)s", {"pk": dice.choice(ids())}) == 1


def delete(dice: random.Random) -> None:
    """Delete one entry, its seal, or both."""
    pk = {"pk": dice.choice(ids())}
    which = dice.choice([("entry",), ("seal",), ("entry", "seal")])
    if "entry" in which:
        assert execute("DELETE FROM core_auditentry WHERE id = %(pk)s", pk) == 1
    if "seal" in which:
        assert execute("DELETE FROM core_auditseal WHERE entry_id = %(pk)s", pk) == 1


def swap(dice: random.Random) -> None:
    """Swap two entries: what they say, or their places with everything that goes with these."""
    one, other = dice.sample(ids(), 2)
    both = {"one": one, "other": other}
    if dice.random() < 0.5:
        met = execute(
            f"UPDATE core_auditentry AS entry SET ({VALUES}) = (SELECT {VALUES} FROM core_auditentry AS twin WHERE"
            " twin.id = CASE entry.id WHEN %(one)s THEN %(other)s ELSE %(one)s END) WHERE id IN (%(one)s, %(other)s)",
            both,
        )
    else:
        # Past the keys that forbid it in one step.
        met = execute("UPDATE core_auditseal SET entry_id = -entry_id WHERE entry_id = %(one)s", both)
        met += execute("UPDATE core_auditseal SET entry_id = %(one)s WHERE entry_id = %(other)s", both)
        execute(f"UPDATE core_auditseal SET entry_id = {other} WHERE entry_id = {-one}")
    assert met == 2


def insert(dice: random.Random) -> None:
    """Slip an entry in: without a seal, with one between two others, or backdated for the sealer to take it."""
    way = dice.choice(["unsealed", "between", "backdated"])
    (pk,) = write_entries(1)
    if way == "backdated":
        execute("UPDATE core_auditentry SET timestamp = timestamp - interval '3 hours' WHERE id = %(pk)s", {"pk": pk})
        sealing.seal_chain(CHAIN)
    elif way == "between":
        sealing.seal_chain(CHAIN)
        place = dice.randrange(1, len(ids()) - 1)
        seqs = {"chain": CHAIN, "place": place, "pk": pk, "far": 1_000_000}
        execute(
            "UPDATE core_auditseal SET seq = seq + %(far)s WHERE property_id = %(chain)s AND seq >= %(place)s", seqs
        )
        execute("UPDATE core_auditseal SET seq = %(place)s WHERE entry_id = %(pk)s", seqs)
        execute("UPDATE core_auditseal SET seq = seq - %(far)s + 1 WHERE seq > %(far)s AND entry_id <> %(pk)s", seqs)


def cut_the_tail(dice: random.Random) -> None:
    """Delete the last entries and their seals, so that the chain ends early and is whole up to there."""
    gone = ids()[-dice.randint(1, 10) :]
    for table, key in (("core_auditseal", "entry_id"), ("core_auditentry", "id")):
        assert execute(f"DELETE FROM {table} WHERE {key} = ANY(%(gone)s)", {"gone": gone}) == len(gone)


def rewrite(dice: random.Random) -> None:
    """Change an entry and reckon every hash from there on anew, as somebody would who has read the source."""
    place = dice.randrange(1, len(ids()) + 1)
    pk = ids()[place - 1]
    execute("UPDATE core_auditentry SET changes = '{\"a\": [1, 2]}' WHERE id = %(pk)s", {"pk": pk})
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT seal.seq, seal.salt, seal.hash, {COLUMNS} FROM core_auditseal AS seal"
            " JOIN core_auditentry AS entry ON entry.id = seal.entry_id"
            " JOIN django_content_type AS kind ON kind.id = entry.content_type_id"
            " WHERE seal.property_id = %s ORDER BY seal.seq",
            [CHAIN],
        )
        rows = cursor.fetchall()
        before = sealing.beginning(CHAIN)
        for seq, salt, value, *row in rows:
            if seq < place:
                before = bytes(value)
                continue
            digest = digest_of(bytes(salt), row)
            before = hash_of(before, CHAIN, seq, row, digest)
            cursor.execute(
                "UPDATE core_auditseal SET digest = %s, hash = %s WHERE property_id = %s AND seq = %s",
                [digest, before, CHAIN, seq],
            )


ATTACKS: list[Callable[[random.Random], None]] = [
    change_an_entry, change_a_seal, delete, swap, insert, cut_the_tail, rewrite,
]  # fmt: skip


def attacked(number: int, folder: Path) -> tuple[str, Result]:
    """Do the attack of this number to the chain, check it, and take everything back."""
    dice = random.Random(number)
    attack = ATTACKS[number % len(ATTACKS)]
    with transaction.atomic():
        attack(dice)
        result = check(folder)
        transaction.set_rollback(True)
    return attack.__name__, result
