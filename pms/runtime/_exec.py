"""Turns into another program after giving up root and tying its life to the parent's.

Runs as `python -I -S _exec.py [options] -- COMMAND …`. It exists because `preexec_fn` may hang in a process with
threads, and because a change of credentials clears the death signal, so the order of the steps matters.
"""

from __future__ import annotations

import ctypes
import os
import sys

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1


def enter_user_namespace(inner: str) -> None:
    """Become the user `inner` in a namespace of our own; outside, files and signals stay those of the caller."""
    uid, gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    for name, text in (("setgroups", "deny"), ("uid_map", f"{inner} {uid} 1"), ("gid_map", f"{inner} {gid} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def drop_to(uid: int, gid: int) -> None:
    """Give up root for good."""
    os.chdir("/")
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def die_with(parent: int, number: int) -> None:
    """Ask the kernel (Linux) to send us signal `number` when the parent ends; leave at once if it already has."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)


def find(name: str) -> str:
    """Return the path of the program `name`."""
    places = [""] if "/" in name else os.get_exec_path()
    return next((path for path in (os.path.join(place, name) for place in places) if os.path.exists(path)), name)


def main(argv: list[str]) -> None:
    """Read the options, take the steps in order, become the command."""
    cut = argv.index("--")
    options = dict(item.split("=", 1) for item in argv[:cut])
    command = argv[cut + 1 :]
    # Before the change of user: afterwards Python's own library may be out of reach.
    program = find(command[0])
    if "namespace" in options:
        enter_user_namespace(options["namespace"])
    if "user" in options:
        uid, gid = options["user"].split(":")
        drop_to(int(uid), int(gid))
    if "parent" in options:
        die_with(int(options["parent"]), int(options["signal"]))
    try:
        os.execv(program, command)  # noqa: S606 - becoming the command is the job
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        sys.exit(127)


if __name__ == "__main__":
    main(sys.argv[1:])
