"""Keeps the course in other languages. Run by the Makefile with the kernel's Python:

    kernel/run python tools/edition make ko [LESSON…]     bring po/ko up to date, and compose and run notebooks/ko
    kernel/run python tools/edition status ko [LESSON…]   list what is not translated, or no longer
    kernel/run python tools/edition check ko [LESSON…]    list translations that have lost what they have to keep

Only lessons whose code or numbers changed are run; those that are named run in any case, and all with --all: what figures
say is in outputs, so after a change of plots.po.
"""

import argparse
import sys

from edition import check, make, status
from lessons import Problem


def main():
    parser = argparse.ArgumentParser(
        prog="edition", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=["make", "status", "check"])
    parser.add_argument("language", help="a folder of po, such as ko")
    parser.add_argument("lesson", nargs="*", help="the beginning of a lesson's name")
    parser.add_argument("--all", action="store_true", help="run all lessons")
    options = parser.parse_intermixed_args()
    try:
        {"make": make, "status": status, "check": check}[options.action](options.language, [""] if options.all else options.lesson)
    except Problem as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit("interrupted")


if __name__ == "__main__":
    main()
