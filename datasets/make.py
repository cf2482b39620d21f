"""Make the embedded districts again: ``python datasets/make.py [NAME ...]``, all if none is named.

The same versions of the libraries give the same bytes.
"""

from __future__ import annotations

import sys
from importlib import import_module

DISTRICTS = ("chengwan", "beizhu", "rongpu", "jiangji", "yunpu")


def main(names: list[str]) -> None:
    """Make the districts named."""
    for name in names or DISTRICTS:
        if name not in DISTRICTS:
            sys.exit(f"no district {name}: {', '.join(DISTRICTS)}")
        print(f"{name} ...", flush=True)
        import_module(f"{name}.make").main()


if __name__ == "__main__":
    main(sys.argv[1:])
