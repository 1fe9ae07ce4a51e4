"""Invitations: one link, one use, one week, one address; nobody is let into more than her inviter may give."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import transaction
from django.utils import timezone

from pms.accounts import second_step
from pms.accounts.access import rights_at
from pms.accounts.models import User
from pms.accounts.services import user_set_active
from pms.core.models import AuditEntry
from pms.events.models import Delivery, StreamEvent
from pms.events.worker import deliver_due
from properties import errors
from properties.models import Invitation, Membership, Property
from properties.services import Toggle, invitations, role_add, role_archive, roles_change_rights, staff_set_roles
from properties.services.staff import staff_add
from tests.committed import commit
from tests.factories.properties import SMALL_HOUSE, make_hotel, make_member
from tests.race import Rendezvous, together

PASSWORD = "seven lanterns at sea"
NINA = "nina@sea.example"


def invite(hotel: Property, by: User, *, email: str = NINA, roles: tuple[str, ...] = ("housekeeper",)) -> Invitation:
    return invitations.staff_invite(
        property_id=hotel.pk, email=email, name="Nina New", roles=roles, invited_by_id=by.pk
    )


def accept(invitation: Invitation, **how: Any) -> User:
    how = how or {"name": "Nina Neu", "password": PASSWORD}
    return invitations.invitation_accept(token=invitations.token_of(invitation), **how)[0]


def member(user: User, hotel: Property) -> Membership:
    return Membership.objects.get(user=user, property=hotel)


def reason(call: Callable[[], object]) -> tuple[str, str]:
    """Return why an invitation is closed, and who can help."""
    with pytest.raises(errors.InvitationClosed) as refused:
        call()
    return refused.value.facts["reason"], refused.value.facts["ask"]


def test_nobody_works_here_before_she_accepts(hotel: Property, anna: User) -> None:
    invitation = invite(hotel, anna)

    assert not User.objects.filter(email=NINA).exists()
    nina = accept(invitation)

    assert (nina.name, nina.email, nina.check_password(PASSWORD)) == ("Nina Neu", NINA, True)
    assert "room_mark" in rights_at(nina, hotel.pk)
    assert StreamEvent.objects.filter(code="staff.added", object_id=member(nina, hotel).pk).count() == 1


def test_the_database_holds_a_digest_and_the_log_holds_nothing_of_the_link(hotel: Property, anna: User) -> None:
    invitation = invite(hotel, anna)
    token = invitations.token_of(invitation)

    assert invitation.token_hash == invitations.digest(token) != token
    for entry in AuditEntry.objects.all():
        assert token not in str(entry.changes) and invitation.token_hash not in str(entry.changes)
    for event in StreamEvent.objects.filter(object_id=invitation.pk):
        assert token not in str(event.payload) and NINA not in str(event.payload)


def test_the_link_works_once(hotel: Property, anna: User) -> None:
    invitation = invite(hotel, anna)
    accept(invitation)

    assert reason(lambda: accept(invitation)) == ("used", "Anna Sommer")


def test_the_link_runs_out_after_seven_days(hotel: Property, anna: User) -> None:
    invitation = invite(hotel, anna)

    with time_machine.travel(timezone.now() + dt.timedelta(days=7, seconds=1)):
        assert reason(lambda: accept(invitation)) == ("expired", "Anna Sommer")
    assert not User.objects.filter(email=NINA).exists()
    with time_machine.travel(timezone.now() + dt.timedelta(days=6, hours=23)):
        accept(invitation)


def test_a_new_link_ends_the_old_one(hotel: Property, anna: User, olga: User) -> None:
    invitation = invite(hotel, anna)
    old = invitations.token_of(invitation)

    again = invitations.invitation_send_again(invitation_id=invitation.pk, invited_by_id=olga.pk)

    assert reason(lambda: invitations.invitation_check(old)) == ("", "")
    assert again.invited_by == olga  # she answers for it now
    accept(again)


def test_what_is_taken_back_opens_nothing_and_is_not_sent_again(hotel: Property, anna: User) -> None:
    invitation = invite(hotel, anna)
    invitations.invitation_revoke(invitation_id=invitation.pk)

    assert reason(lambda: accept(invitation)) == ("revoked", "Anna Sommer")
    again = lambda: invitations.invitation_send_again(invitation_id=invitation.pk, invited_by_id=anna.pk)  # noqa: E731
    assert reason(again) == ("revoked", "Anna Sommer")
    assert invite(hotel, anna).serial == 1  # she may be invited anew


def test_one_address_is_invited_once(hotel: Property, anna: User, hugo: User) -> None:
    invite(hotel, anna)

    with pytest.raises(errors.AlreadyInvited):
        invite(hotel, anna, email=NINA.upper())
    with pytest.raises(errors.AlreadyStaff):
        invite(hotel, anna, email=hugo.email)
    assert Invitation.objects.count() == 1


def test_a_person_with_an_account_accepts_signed_in_and_keeps_it(hotel: Property, anna: User, eve: User) -> None:
    eve.set_password(PASSWORD)
    eve.save()
    invitation = invite(hotel, anna, email=eve.email)

    with pytest.raises(errors.WrongPerson):
        accept(invitation, name="Mallory", password="another phrase of words")
    with pytest.raises(errors.WrongPerson):
        accept(invitation, user_id=anna.pk)
    assert not Membership.objects.filter(user=eve, property=hotel).exists()

    accept(invitation, user_id=eve.pk)
    eve.refresh_from_db()
    assert (eve.name, eve.check_password(PASSWORD)) == ("Eve Moreau", True)
    assert member(eve, hotel).roles == ["housekeeper"]


def test_an_account_that_nobody_used_yet_is_taken_by_the_link(
    hotel: Property, anna: User, other_hotel: Property
) -> None:
    known = staff_add(property_id=other_hotel.pk, email=NINA, name="N. New", roles=["auditor"]).user

    assert accept(invite(hotel, anna)) == known
    known.refresh_from_db()
    assert known.check_password(PASSWORD)


def test_a_closed_account_stays_closed(hotel: Property, anna: User, other_hotel: Property) -> None:
    known = staff_add(property_id=other_hotel.pk, email=NINA, name="N. New", roles=["auditor"]).user
    user_set_active(user_id=known.pk, active=False)

    assert reason(lambda: accept(invite(hotel, anna))) == ("account", "Anna Sommer")


def test_who_works_here_meanwhile_uses_the_link_up_and_keeps_her_roles(hotel: Property, anna: User, eve: User) -> None:
    invitation = invite(hotel, anna, email=eve.email)
    staff_add(property_id=hotel.pk, email=eve.email, name="", roles=["auditor"])

    accept(invitation, user_id=eve.pk)

    assert member(eve, hotel).roles == ["auditor"]
    assert reason(lambda: accept(invitation, user_id=eve.pk))[0] == "used"


def test_an_inviter_without_the_right_lets_nobody_in(hotel: Property, anna: User) -> None:
    invitation = invite(hotel, anna)
    staff_set_roles(membership_id=member(anna, hotel).pk, roles=["front_desk"])

    assert reason(lambda: accept(invitation)) == ("withdrawn", "Anna Sommer")
    assert not User.objects.filter(email=NINA).exists()


def test_a_role_that_grew_beyond_its_inviter_is_not_given(hotel: Property, anna: User, olga: User) -> None:
    """Somebody takes a right from the manager's role that the promised role holds: the link must not give it."""
    invitation = invite(hotel, anna, roles=("front_desk",))
    roles_change_rights(property_id=hotel.pk, toggles=[Toggle("manager", "room_mark", on=False)])

    assert reason(lambda: accept(invitation))[0] == "withdrawn"
    invitations.invitation_send_again(invitation_id=invitation.pk, invited_by_id=olga.pk)
    assert accept(Invitation.objects.get()).email == NINA


def test_an_inviter_who_lacks_her_second_step_lets_nobody_in(hotel: Property, anna: User) -> None:
    invitation = invite(hotel, anna)
    second_step.policy_set(property_id=hotel.pk, asked=True)

    assert reason(lambda: accept(invitation))[0] == "withdrawn"


def test_a_role_archived_meanwhile_is_replaced_or_closes_the_link(hotel: Property, olga: User) -> None:
    porter, page = (role_add(property_id=hotel.pk, name=name) for name in ("Porter", "Page"))
    first = invite(hotel, olga, roles=(porter.code,))
    second = invite(hotel, olga, email="paul@sea.example", roles=(page.code,))

    role_archive(role_id=porter.pk, replacement="housekeeper")
    role_archive(role_id=page.pk)

    assert member(accept(first), hotel).roles == ["housekeeper"]
    assert reason(lambda: accept(second))[0] == "withdrawn"
    with pytest.raises(errors.UnknownRole):
        invitations.invitation_send_again(invitation_id=second.pk, invited_by_id=olga.pk)


def test_who_acted_is_in_the_log(hotel: Property, anna: User) -> None:
    invitation = invite(hotel, anna)
    nina = accept(invitation)

    entries = AuditEntry.objects.filter(object_pk=str(invitation.pk)).order_by("pk")
    assert [sorted(entry.changes) for entry in entries][1:] == [["accepted_at"]]
    assert entries[1].actor == nina and entries[1].property_id == hotel.pk


# --- the mail -------------------------------------------------------------------------------------------------------


def test_the_mail_goes_after_the_commit_from_the_outbox_and_once(hotel: Property, anna: User) -> None:
    invitation = invite(hotel, anna)
    assert mail.outbox == []
    commit()
    owed = Delivery.objects.get(receiver="properties.receivers.mail_invitation")

    deliver_due(seconds=5)
    invitations.invitation_mail(invitation_id=invitation.pk, serial=1)  # at least once: the second time does nothing

    assert [one.to for one in mail.outbox] == [[NINA]]
    assert mail.outbox[0].subject == "Anna Sommer invites you to Seaside Hotel"
    assert f"/invitation/{invitations.token_of(invitation)}/" in mail.outbox[0].body
    assert "as: Housekeeper." in mail.outbox[0].body
    owed.refresh_from_db()
    invitation.refresh_from_db()
    assert owed.state != "pending" and invitation.sent_at is not None


def test_a_link_that_counts_no_more_is_not_mailed(hotel: Property, anna: User) -> None:
    first, second = invite(hotel, anna), invite(hotel, anna, email="paul@sea.example")
    invitations.invitation_send_again(invitation_id=first.pk, invited_by_id=anna.pk)
    invitations.invitation_revoke(invitation_id=second.pk)

    invitations.invitation_mail(invitation_id=first.pk, serial=1)
    invitations.invitation_mail(invitation_id=second.pk, serial=1)

    assert mail.outbox == []


def test_a_mail_server_that_refuses_leaves_the_mail_owed(
    hotel: Property, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    invitation = invite(hotel, anna)

    def refuse(**_mail: Any) -> None:
        raise ConnectionRefusedError("nobody there")

    with monkeypatch.context() as patch:
        patch.setattr(invitations, "mail_send", refuse)
        with pytest.raises(ConnectionRefusedError):
            invitations.invitation_mail(invitation_id=invitation.pk, serial=1)
    invitation.refresh_from_db()
    assert invitation.sent_at is None

    invitations.invitation_mail(invitation_id=invitation.pk, serial=1)
    assert len(mail.outbox) == 1


# --- at once --------------------------------------------------------------------------------------------------------


def at_once() -> tuple[Property, User]:
    hotel = make_hotel(rooms=SMALL_HOUSE)
    return hotel, make_member(hotel=hotel, name="Anna Sommer", role="manager").user


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_who_accept_at_once_are_one() -> None:
    hotel, anna = at_once()
    invitation = invite(hotel, anna)

    results = together(
        lambda: accept(invitation, name="Nina", password=PASSWORD),
        lambda: accept(invitation, name="Mallory", password=PASSWORD),
    )

    assert sorted(type(result).__name__ for result in results) == ["InvitationClosed", "User"]
    assert Membership.objects.filter(property=hotel, user__email=NINA).count() == 1


def demoted_while_accepting(monkeypatch: pytest.MonkeyPatch, *, guarded: bool) -> list[Any]:
    """Let Anna lose her right between Nina's look at the invitation and her acceptance."""
    hotel, anna = at_once()
    invitation = invite(hotel, anna)
    race = Rendezvous()
    # Behind the lock the demotion is waited for; without it Nina has looked before Anna's roles are gone.
    judge = invitations._refuse_closed

    def judge_slowly(found: Invitation) -> None:
        judge(found)
        race.reached("judged")
        race.came("demoted", within=10 if not guarded else 0.3)

    monkeypatch.setattr(invitations, "_refuse_closed", judge_slowly)
    if not guarded:
        monkeypatch.setattr(invitations, "memberships_for_update", lambda _hotel: [])
        monkeypatch.setattr(invitations, "roles_for_update", lambda _hotel: [])

    def demote() -> None:
        race.wait_for("judged")
        with transaction.atomic():
            staff_set_roles(membership_id=member(anna, hotel).pk, roles=["front_desk"])
        race.reached("demoted")

    accepted = lambda: (accept(invitation), "manager" in member(anna, hotel).roles)[1]  # noqa: E731
    return together(lambda: _inside(accepted), demote)


def _inside(call: Callable[[], Any]) -> Any:
    """Return what `call` returns, asked in its own transaction."""
    with transaction.atomic():
        return call()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_an_inviter_is_not_demoted_between_the_look_and_the_acceptance(monkeypatch: pytest.MonkeyPatch) -> None:
    still_manager, _ = demoted_while_accepting(monkeypatch, guarded=True)

    assert still_manager is True


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_a_demoted_inviter_lets_somebody_in(monkeypatch: pytest.MonkeyPatch) -> None:
    still_manager, _ = demoted_while_accepting(monkeypatch, guarded=False)

    assert still_manager is False
