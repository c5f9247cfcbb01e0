"""The entry point: `cthbkb`, and `python -m cthbkb`."""

import gc
import sys

__all__ = ["ends", "main"]


def main() -> int:
    """Run the program with the garbage collector off, since a short process creates few reference cycles.

    At exit the interpreter collects garbage once more, but skips frozen objects, which saves a twelfth of the time.
    """
    gc.disable()  # before the imports, during which collection would take a fortieth of the run time
    try:
        from cthbkb import front

        code = front.main()
    except BaseException as error:
        code = _failed(error)
    gc.freeze()
    return code


def _failed(error: BaseException) -> int:
    """Report why the program could not start; all other errors are handled by `front.main`, if it can be loaded.

    If the disk was full when Python cached the modules, some files are truncated; the process may also have reached
    its limit on memory or open files.
    """
    try:
        from cthbkb import failures

        if failures.is_interrupt(error):
            return failures.INTERRUPTED
    except Exception as same:
        error = same
    if not isinstance(error, Exception):
        raise error
    if sys.stderr:
        sys.stderr.write(f"error: cthbkb cannot start: {error or type(error).__name__}\n")
        sys.stderr.write("hint: Raise the limits on memory and open files, or reinstall the program.\n")
    return 1


def ends() -> None:
    """Run the program and exit with its exit code, which a zipapp does not do by itself."""
    sys.exit(main())


if __name__ == "__main__":
    ends()
