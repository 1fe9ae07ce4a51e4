"""Makes a virtual environment and fills it from hashed lock files, on machines with and without pip."""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .console import Refusal, complain, say
from .root import ROOT

INSTALLER_LOCK = ROOT / "pms/runtime/installer.lock"
UNFINISHED = "pms-unfinished"

# What pip calls it → the variable by which uv reads it. uv ignores pip's configuration, and a closed network has only
# that one.
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
    "trusted-host": "UV_INSECURE_HOST",
}


def make_environment(venv: Path) -> None:
    """Make an empty environment with the installer in it, by the first way that works here."""
    ways = (_venv_with_pip, _venv_filled_by_our_pip, _venv_after_apt)
    if not any(way(venv) for way in ways):
        raise Refusal(
            "Python's venv module cannot make an environment here because ensurepip is missing. Nothing was done; "
            f"install it (Debian: `sudo apt-get install python3.{sys.version_info[1]}-venv`) and give the same command."
        )


def _venv_with_pip(venv: Path) -> bool:
    if importlib.util.find_spec("ensurepip") is None:
        return False
    _clear(venv)
    return _quietly(sys.executable, "-m", "venv", venv) and _install_uv(venv)


def _venv_filled_by_our_pip(venv: Path) -> bool:
    """Without ensurepip: an empty environment, filled from outside by the pip of this Python."""
    if importlib.util.find_spec("pip") is None:
        return False
    _clear(venv)
    return _quietly(sys.executable, "-m", "venv", "--without-pip", venv) and _install_uv(venv)


def _venv_after_apt(venv: Path) -> bool:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    say("Installing Debian's python3-venv …")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    package = f"python3.{sys.version_info[1]}-venv"
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", package]):
        subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    importlib.invalidate_caches()
    return _venv_with_pip(venv)


def _clear(venv: Path) -> None:
    """Empty the folder, and mark it as unfinished before anything else is in it."""
    if venv.is_symlink() or venv.is_file():
        venv.unlink()
    shutil.rmtree(venv, ignore_errors=True)
    venv.mkdir(exist_ok=True)
    (venv / UNFINISHED).touch()


def _install_uv(venv: Path) -> bool:
    """Install the pinned installer with the environment's pip, or from outside with ours."""
    python = venv / "bin/python"
    options: list[str | Path] = [
        "install",
        "-q",
        "--disable-pip-version-check",
        "--require-hashes",
        "-r",
        INSTALLER_LOCK,
    ]
    if _has_pip(venv):
        return _quietly(python, "-m", "pip", *options)
    if importlib.util.find_spec("pip"):
        return _quietly(sys.executable, "-m", "pip", "--python", python, *options)
    return False


def _has_pip(venv: Path) -> bool:
    return next(venv.glob("lib/python3*/site-packages/pip"), None) is not None


def _quietly(*command: str | Path) -> bool:
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        complain(f"`{shlex.join(map(str, command))}` failed:\n{(done.stderr or done.stdout).strip()[-2000:]}")
    return done.returncode == 0


def fill(venv: Path, locks: Sequence[Path], *, keep_others: bool) -> None:
    """Make `venv` hold the packages of `locks`, each checked against its hashes, and, unless told, no others."""
    uv = venv / "bin/uv"
    if not uv.exists() and not _install_uv(venv):
        raise Refusal("The installer could not be fetched. Nothing was started; check the network or pip's settings.")
    files = [part for lock in locks for part in ("-r", str(lock))]
    verb = ["install", *files] if keep_others else ["sync", *map(str, locks)]
    done = subprocess.run(
        [uv, "pip", *verb, "-q", "--require-hashes", "--python", venv / "bin/python"],
        env=uv_environment(venv),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode == 0:
        return
    complain(f"uv could not install the packages, trying pip (slower):\n{done.stderr.strip()[-2000:]}")
    if not _quietly(venv / "bin/python", "-m", "pip", "install", "-q", "--require-hashes", *files):
        raise Refusal(
            "The packages could not be installed. Nothing was started; the reason stands above, and the same command "
            "tries again."
        )


def uv_environment(venv: Path, *, local: bool = True) -> dict[str, str]:
    """Return our environment with pip's configuration in the words of uv; what is set for uv already stays.

    Without `local`, the machine's additional sources are left out: a lock file made with them would know the files
    for this machine only.
    """
    environment = dict(os.environ)
    environment.pop("VIRTUAL_ENV", None)
    python = venv / "bin/python" if _has_pip(venv) else Path(sys.executable)
    listed = subprocess.run([python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    settings: dict[str, str] = {}
    for line in listed.stdout.splitlines():
        name, _, value = line.partition("=")
        settings[name.rpartition(".")[2]] = value.strip("'\"").replace("\\n", " ").strip()
    for name, variable in PIP_TO_UV.items():
        value = settings.get(name, "")
        if value and variable not in environment and (local or name in ("index-url", "cert")):
            environment[variable] = ",".join(value.split()) if name == "find-links" else value
    # Every file is pinned by its hash, so the best version may come from whichever index has it.
    if local:
        environment.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    environment.setdefault("UV_HTTP_TIMEOUT", settings.get("default-timeout", settings.get("timeout", "180")))
    return environment
