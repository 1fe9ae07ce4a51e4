"""Where the project lies. Standard library only, as all that the bootstrap needs."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
