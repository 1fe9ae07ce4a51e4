"""The store of the sign-in limits: one for all processes, there whatever happens to Redis."""

from __future__ import annotations

import threading

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection

from pms.accounts import counters
from pms.accounts.models import Counter


@pytest.mark.django_db
def test_a_value_is_kept_until_it_runs_out() -> None:
    cache.set("tries", [1.5, 1.0], 300)
    assert cache.get("tries") == [1.5, 1.0]

    Counter.objects.update(expires_at="2020-01-01T00:00:00Z")

    assert cache.get("tries", []) == []


@pytest.mark.django_db
def test_adding_is_refused_while_there_is_one_and_allowed_once_it_ran_out() -> None:
    assert [cache.add("code", "y", 30), cache.add("code", "y", 30)] == [True, False]

    Counter.objects.update(expires_at="2020-01-01T00:00:00Z")

    assert cache.add("code", "y", 30)


@pytest.mark.django_db
def test_the_clock_is_the_databases() -> None:
    """A web host whose clock is a day ahead forgets nothing early."""
    cache.set("tries", 1, 300)

    with time_machine.travel("2099-01-01"):
        assert cache.get("tries") == 1


@pytest.mark.django_db
def test_what_ran_out_is_pruned_and_nothing_else() -> None:
    cache.set("old", 1, 300)
    Counter.objects.update(expires_at="2020-01-01T00:00:00Z")
    cache.set("new", 1, 300)

    counters.prune()

    assert [row.key for row in Counter.objects.all()] == [cache.make_key("new")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("left_over", [False, True])
def test_of_many_who_add_at_once_one_does(left_over: bool) -> None:
    """So a code that was used counts once, and one at a time counts tries; also over a row that ran out."""
    if left_over:
        cache.set("code", "y", 30)
        Counter.objects.update(expires_at="2020-01-01T00:00:00Z")
    start, won = threading.Barrier(8), []

    def add() -> None:
        start.wait(30)
        won.append(cache.add("code", "y", 30))
        connection.close()

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(won) == [False] * 7 + [True]
