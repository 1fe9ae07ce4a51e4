"""`manage.py setup_link`: prints the link of the first-run page again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from properties.links import setup_url


class Command(BaseCommand):
    """Makes a fresh link; older ones stay valid until somebody has used one."""

    help = "Print the link that sets up the first hotel; only while nobody can sign in."

    def handle(self, *args: Any, **options: Any) -> None:
        url = setup_url()
        if url is None:
            raise CommandError("Somebody can sign in here already, so there is no set-up link. Sign in instead.")
        self.stdout.write(url)
