"""What every test shares. The servers themselves are started by pms.runtime.pytest_plugin."""

from __future__ import annotations

from pms.runtime.testing import django_db_setup, live_server_url

__all__ = ["django_db_setup", "live_server_url"]
