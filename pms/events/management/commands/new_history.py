"""`manage.py new_history`: after a copy of the data folder or a snapshot of the disk was put back."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from pms.events.history import renew


class Command(BaseCommand):
    """Makes every page and partner read anew. Restores to a point in time and promotions are seen by themselves."""

    help = "Say that the database was put back: every open page and every partner reads it anew."

    def handle(self, *args: Any, **options: Any) -> None:
        mark = renew()
        self.stdout.write(f"A new history begins ({mark}). Start the hotel's processes now, or start them anew.")
