"""Knows the commands of our own and runs everything else as a Django command, beside the running services if any."""

from __future__ import annotations

import sys
from pathlib import Path

from .console import Refusal
from .datafolder import data_folder
from .root import ROOT


def run(argv: list[str]) -> int:
    """Run the command in `argv` inside the environment."""
    name, arguments = (argv[1] if len(argv) > 1 else "help"), argv[2:]
    if name == "up":
        from .up import main as up

        return up(arguments)
    if name == "test":
        from .testrun import main as test

        return test(arguments)
    if name == "lint":
        from .checks import main as lint

        return lint(arguments)
    if name == "messages":
        from .messages import main as messages

        return messages(arguments)
    if name == "lock":
        from .locks import refresh

        return refresh()
    return django(argv)


def django(argv: list[str]) -> int:
    """Run a Django command with the services of the data folder."""
    from .discovery import enter

    argv, folder = without_data_option(argv)
    enter(argv, folder)
    sys.path.insert(0, str(ROOT))
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(argv)
    except ImproperlyConfigured as error:
        raise Refusal(str(error)) from error
    return 0


def without_data_option(argv: list[str]) -> tuple[list[str], Path]:
    """Take `--data FOLDER` out of `argv`; Django's commands do not know it."""
    rest: list[str] = []
    chosen: str | None = None
    items = iter(argv)
    for item in items:
        if item == "--data":
            chosen = next(items, None)
            if chosen is None:
                raise Refusal("--data needs a folder. Nothing was done.")
        elif item.startswith("--data="):
            chosen = item.partition("=")[2]
        else:
            rest.append(item)
    return rest, data_folder(chosen)
