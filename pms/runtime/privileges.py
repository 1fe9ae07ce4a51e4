"""Chooses the account that PostgreSQL runs under: it refuses to run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .console import Refusal
from .sockets import usable

WRAPPER = Path(__file__).with_name("_exec.py")


@dataclass(frozen=True)
class Account:
    """How a server is started: `options` go to the exec wrapper; `owner` is the (uid, gid) that must own its files."""

    options: tuple[str, ...] = ()
    owner: tuple[int, int] | None = None

    def wrap(self, command: Sequence[str], *, die_with: int | None = None) -> list[str]:
        """Return `command` behind the exec wrapper; with `die_with` it gets that signal when this process ends."""
        options = list(self.options)
        if die_with is not None:
            options += [f"parent={os.getpid()}", f"signal={int(die_with)}"]
        return [sys.executable, "-I", "-S", str(WRAPPER), *options, "--", *command]

    def can(self, *command: str) -> bool:
        """Tell whether `command` succeeds under this account."""
        done = subprocess.run(self.wrap(command), capture_output=True, check=False, stdin=subprocess.DEVNULL)
        return done.returncode == 0

    def own(self, folder: Path) -> None:
        """Hand `folder` to the account, closed to everybody else."""
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
        if self.owner:
            os.chown(folder, *self.owner)


PLAIN = Account()


def server_account() -> Account:
    """Return the account for PostgreSQL: ourselves; as root a user namespace, else `postgres` or `nobody`."""
    if os.geteuid() != 0:
        return PLAIN
    people = {entry.pw_name: entry for entry in pwd.getpwall() if entry.pw_uid != 0}
    # initdb looks its own name up, so the number inside the namespace must be in the passwd file.
    known = people.get("nobody") or next(iter(people.values()), None)
    if known and not os.environ.get("PMS_NO_USER_NAMESPACE"):
        namespace = Account(options=(f"namespace={known.pw_uid}",))
        if sys.platform == "linux" and namespace.can("true"):
            return namespace
    for name in ("postgres", "nobody"):
        if name in people:
            uid, gid = people[name].pw_uid, people[name].pw_gid
            return Account(options=(f"user={uid}:{gid}",), owner=(uid, gid))
    raise Refusal(
        "PostgreSQL does not run as root, and this machine allows neither a user namespace nor has a user "
        "`postgres` or `nobody`. Nothing was started; run the command as an ordinary user or set DATABASE_URL."
    )


def reachable_home(account: Account, wanted: Path, pointer: Path) -> Path:
    """Return a folder that the account can reach for its data: `wanted`, or a private one named in `pointer`.

    The second way is only for root without user namespaces whose data folder lies below a closed folder. It is made
    in /var/lib, not in a temporary folder, because machines clean those by age.
    """
    if account.owner is None:
        return wanted
    if pointer.exists():
        home = Path(pointer.read_text().strip())
        if home.is_dir() and home.stat().st_uid == 0:
            return home
    if usable(wanted / "sockets"):
        wanted.chmod(0o711)
        if account.can("test", "-x", str(wanted)):
            return wanted
        wanted.chmod(0o700)
    home = Path(tempfile.mkdtemp(prefix="pms-", dir="/var/lib" if Path("/var/lib").is_dir() else None))
    home.chmod(0o711)
    pointer.write_text(f"{home}\n")
    return home


def reachable_binaries(account: Account, folder: Path, home: Path) -> Path:
    """Return `folder` (…/bin), or a copy of its installation below `home` if the account cannot run it there."""
    if account.owner is None or account.can(str(folder / "postgres"), "--version"):
        return folder
    installation, package = folder.parent, folder.parent.parent
    about = (folder / "postgres").stat()
    place = home / f"binaries-{about.st_size}-{about.st_mtime_ns}"  # a newer wheel gets a copy of its own
    copy = place / package.name
    if not (copy / installation.name / "bin" / "postgres").exists():
        for old in home.glob("binaries-*"):
            shutil.rmtree(old)
        for passage in (place, copy):
            passage.mkdir()
            passage.chmod(0o755)
        shutil.copytree(installation, copy / installation.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")  # the wheel's shared libraries lie beside the package
        if libraries.is_dir():
            shutil.copytree(libraries, copy.with_name(libraries.name), symlinks=True)
    return copy / installation.name / "bin"
