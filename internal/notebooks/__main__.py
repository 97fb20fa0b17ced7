"""Keeps the lesson notebooks in order. Run by the Makefile with the kernel's Python:

    python internal/notebooks execute [LESSON…]     run, and write the outputs into notebooks/
    python internal/notebooks check [LESSON…]       run, and compare with the committed outputs
    python internal/notebooks html [LESSON…]        run, and make the pages in build/html
    python internal/notebooks html --no-execute     make the pages from the committed outputs
    python internal/notebooks experiments           make the pages that lessons open in JupyterLab

A LESSON is the beginning of a notebook's name: 02, 03-gradient. Without one, all of them.
"""

import argparse
import sys
import time

import experiments
from compare import compare
from execute import execute
from lessons import Problem, find, read, write
from website import BUILD, build


def main():
    parser = argparse.ArgumentParser(
        prog="notebooks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=["execute", "check", "html", "experiments"])
    parser.add_argument("lesson", nargs="*", help="the beginning of a lesson's name")
    parser.add_argument("--no-execute", action="store_true", help="take the committed outputs")
    options = parser.parse_args()
    try:
        if options.action == "experiments":
            experiments.for_lab(BUILD / "lab", BUILD / "wasm")
            return
        chosen = find(options.lesson)
        if options.action == "execute":
            for lesson in chosen:
                write(execute(lesson), lesson.path)
        elif options.action == "check":
            for lesson in chosen:
                difference = compare(read(lesson.path), execute(lesson))
                if difference:
                    raise Problem(f"{lesson.slug} gives other outputs than committed:\n{difference}")
        else:
            start = time.monotonic()
            build(find(), run=[] if options.no_execute else [lesson.slug for lesson in chosen])
            print(f"{BUILD.name}/html/index.html  {time.monotonic() - start:.1f} s")
    except Problem as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit("interrupted")


if __name__ == "__main__":
    main()
