"""People and service users: one address each, in any case."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from pms.accounts.errors import EmailTaken
from pms.accounts.models import User
from pms.accounts.services import service_user_create, user_create, user_join
from pms.core.db_errors import domain_error
from tests.domain.accounts.given import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def test_an_address_is_taken_in_any_case() -> None:
    make_user("Hugo")

    with pytest.raises(EmailTaken) as refused:
        user_create(email="HUGO@Example.com", name="Another Hugo")

    assert str(refused.value) == "HUGO@Example.com signs in here already. Nobody was added."
    assert (refused.value.field, User.objects.count()) == ("email", 1)


def test_the_database_refuses_it_too_with_the_same_code() -> None:
    make_user("Hugo")

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        User.objects.create_user("HUGO@example.COM", name="Another Hugo")

    assert isinstance(domain_error(refused.value), EmailTaken)
    assert User.objects.count() == 1


def test_a_user_is_found_by_her_address_in_any_case() -> None:
    hugo = make_user("Hugo")

    assert User.objects.get_by_natural_key("Hugo@Example.COM") == hugo


def test_a_service_user_cannot_sign_in_with_a_password() -> None:
    robot = service_user_create(name="Channel partner")

    assert (robot.kind, robot.has_usable_password()) == (User.Kind.SERVICE, False)
    assert robot.email.endswith("@service.invalid")
    assert make_user().check_password(PASSWORD)


def test_names_are_shown_and_an_address_where_there_is_none() -> None:
    hugo = User(email="hugo@example.com", name="Hugo von Hotel")

    assert (str(hugo), hugo.get_short_name()) == ("Hugo von Hotel", "Hugo")
    assert str(User(email="hugo@example.com")) == "hugo@example.com"


def test_an_account_that_nobody_used_is_given_a_name_and_a_password() -> None:
    user = user_create(email="nina@sea.example", name="N.")

    user_join(user_id=user.pk, name="Nina New", password="seven lanterns at sea")

    user.refresh_from_db()
    assert (user.name, user.check_password("seven lanterns at sea")) == ("Nina New", True)
