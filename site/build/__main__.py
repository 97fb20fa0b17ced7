"""Makes the pages. Run by the Makefile with the kernel's Python:

    kernel/run python site/build html [LESSON…]         run the lessons, and make the site in build/html
    kernel/run python site/build html --no-execute      make the site from the committed outputs
    kernel/run python site/build figures                make the pages that lessons open in JupyterLab

A LESSON is the beginning of a notebook's name, with its number or without: 03, gradient. Without one, all
of them run.
"""

import argparse
import sys
import time

import figures
import toolchain
from lessons import BUILD, Problem, find
from website import build


def main():
    parser = argparse.ArgumentParser(
        prog="build", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=["html", "figures"])
    parser.add_argument("lesson", nargs="*", help="the beginning of a lesson's name")
    parser.add_argument("--no-execute", action="store_true", help="take the committed outputs")
    options = parser.parse_intermixed_args()  # LESSON may follow an option
    try:
        if options.action == "figures":
            figures.for_lab(BUILD / "lab", BUILD / "wasm")
            return
        chosen = find(options.lesson, language=None)
        start = time.monotonic()
        toolchain.built(BUILD / "run")
        build(find(language=None), run=[] if options.no_execute else [lesson.slug for lesson in chosen], go=BUILD / "run")
        print(f"{BUILD.name}/html/index.html  {time.monotonic() - start:.1f} s")
    except Problem as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit("interrupted")


if __name__ == "__main__":
    main()
