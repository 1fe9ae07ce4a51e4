#!/usr/bin/env python3
"""The one door to every command: `up`, `test`, `lint`, `lock` and all of Django's."""

import sys

from pms.runtime.bootstrap import main

if __name__ == "__main__":
    sys.exit(main(sys.argv))
