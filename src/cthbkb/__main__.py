"""`python -m cthbkb`: the same as the `cthbkb` command."""

from cthbkb.front import main

if __name__ == "__main__":
    raise SystemExit(main())
