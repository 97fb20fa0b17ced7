"""Runs, compares and renumbers the lesson notebooks. Run by the Makefile with the kernel's Python:

    kernel/run python tools/notebooks execute [LESSON…]     run, and write the outputs into notebooks/
    kernel/run python tools/notebooks check [LESSON…]       run, and compare with the committed outputs
    kernel/run python tools/notebooks renumber              number the lessons in the order of their files' names

A LESSON is the beginning of a notebook's name, with its number or without: 03, gradient. Without one, all of them.
"""

import argparse
import sys

from compare import compare
from execute import execute
from lessons import Problem, find, read, write
from renumber import renumber


def main():
    parser = argparse.ArgumentParser(
        prog="notebooks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=["execute", "check", "renumber"])
    parser.add_argument("lesson", nargs="*", help="the beginning of a lesson's name")
    options = parser.parse_args()
    try:
        if options.action == "renumber":
            for moved in renumber():
                print(moved)
            return
        for lesson in find(options.lesson):
            fresh = execute(lesson)
            if options.action == "execute":
                write(fresh, lesson.path)
            elif difference := compare(read(lesson.path), fresh):
                raise Problem(f"{lesson.name} gives other outputs than committed:\n{difference}")
    except Problem as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit("interrupted")


if __name__ == "__main__":
    main()
