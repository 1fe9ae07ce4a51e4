"""Runs import-linter on a copy of the house once for each planted import, all in one process to save its start.

Called as `python plants.py <contract> <file> <text> …`, in the folder of the copy; prints "broken" or the exit
code, a line each.
"""

from __future__ import annotations

import importlib
import sys
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from importlinter.cli import lint_imports

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def planted(path: Path, text: str) -> Iterator[None]:
    """Add `text` to the file inside the block."""
    before = path.read_text() if path.exists() else None
    new_folder = not path.parent.exists()
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{before or ''}\n{text}\n")
    importlib.invalidate_caches()
    try:
        yield
    finally:
        path.unlink()
        if before is not None:
            path.write_text(before)
        if new_folder:
            path.parent.rmdir()


def main(arguments: list[str]) -> None:
    """Judge each triple."""
    for contract, file, text in zip(arguments[::3], arguments[1::3], arguments[2::3], strict=True):
        with planted(Path(file), text), redirect_stdout(StringIO()) as said:
            code = lint_imports(limit_to_contracts=(contract,), no_cache=True)
        sys.stdout.write("broken\n" if code == 1 and "BROKEN" in said.getvalue() else f"{code}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
