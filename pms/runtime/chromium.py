"""Makes sure that there is a Chromium for the browser tests: they fail without one, they are never skipped."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

from .console import Refusal, say

DEBIAN = Path("/usr/bin/chromium")
NPM_PACKAGE = "@sparticuz/chromium@153.0.0"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pms" / "chromium"

# The package unpacks itself into the temporary folder; the libraries beside it serve machines that have none.
UNPACK = """
const { default: chromium, inflate } = await import("@sparticuz/chromium");
console.log(await chromium.executablePath());
console.log(await inflate("node_modules/@sparticuz/chromium/bin/al2023.tar.br"));
"""
START = """#!/bin/sh
here=$(dirname "$0")
LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" exec "$here/chromium" "$@"
"""


def ensure() -> Path:
    """Return a Chromium that starts: PMS_CHROMIUM, Debian's, npm's in the cache; installed where it is missing."""
    given = os.environ.get("PMS_CHROMIUM")
    if given:
        if _starts(Path(given)):
            return Path(given)
        raise Refusal(f"PMS_CHROMIUM names {given}, which does not start. No test was run; correct or unset it.")
    for found in (DEBIAN, CACHE / "chromium.sh"):
        if _starts(found):
            return found
    for way in (_from_debian, _from_npm):
        installed = way()
        if installed and _starts(installed):
            return installed
    raise Refusal(
        "There is no Chromium for the browser tests and none could be installed. No test was run; type "
        "`sudo apt-get install chromium`, or name one in PMS_CHROMIUM."
    )


def ensure_driver() -> None:
    """Make sure that Playwright's own program starts; a bare Debian lacks a library that it needs."""
    package = importlib.util.find_spec("playwright")
    for folder in (package.submodule_search_locations or []) if package else []:
        driver = Path(folder) / "driver/node"
        if os.environ.get("PLAYWRIGHT_NODEJS_PATH") or _starts(driver):
            return
        if _apt_install("libatomic1") and _starts(driver):
            return
        node = shutil.which("node")
        if node is None:
            raise Refusal(
                "Playwright's driver does not start here. No test was run; type `sudo apt-get install libatomic1`."
            )
        os.environ["PLAYWRIGHT_NODEJS_PATH"] = node


def _apt_install(package: str) -> bool:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    say(f"Installing Debian's {package} for the browser tests …")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
    for command in (["apt-get", "update", "-qq"], install):
        subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return True


def _starts(program: Path) -> bool:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _from_debian() -> Path | None:
    return DEBIAN if _apt_install("chromium") else None


def _from_npm() -> Path | None:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        return None
    say(f"Fetching Chromium for the browser tests from npm into {CACHE} …")
    work = CACHE.with_name("chromium.new")
    shutil.rmtree(work, ignore_errors=True)
    (work / "unpacked").mkdir(parents=True, mode=0o700)
    (work / "package.json").write_text('{"private": true, "type": "module"}')
    install = [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", NPM_PACKAGE]
    # TMPDIR: a fixed name in the shared /tmp could be somebody else's.
    environment = {**os.environ, "TMPDIR": str(work / "unpacked"), "AWS_EXECUTION_ENV": ""}
    for command in (install, [node, "--input-type=module", "-e", UNPACK]):
        done = subprocess.run(
            command, cwd=work, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            say(f"npm's Chromium cannot be used: {done.stderr.strip()[-500:]}")
            return None
    unpacked = work / "unpacked"
    for library in unpacked.glob("al2023/lib"):
        library.rename(unpacked / "lib")
    (unpacked / "chromium.sh").write_text(START)
    (unpacked / "chromium.sh").chmod(0o755)
    shutil.rmtree(CACHE, ignore_errors=True)
    unpacked.rename(CACHE)
    shutil.rmtree(work, ignore_errors=True)
    return CACHE / "chromium.sh"
