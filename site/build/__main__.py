"""Makes the pages. Run by the Makefile with the kernel's Python:

    kernel/run python site/build html [LESSON…]         run the lessons, and make the site in build/html
    kernel/run python site/build html --no-execute      make the site from the committed outputs
    kernel/run python site/build pdf                    print the course, with the committed outputs, into build/unroll.pdf
    kernel/run python site/build figures                make the pages that lessons open in JupyterLab

A LESSON is the beginning of a notebook's name, with its number or without: 03, gradient. Without one, all
of them run.
"""

import argparse
import sys
import time

import figures
import pdf
import toolchain
from lessons import BUILD, Problem, find
from website import build


def main():
    parser = argparse.ArgumentParser(
        prog="build", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=["html", "pdf", "figures"])
    parser.add_argument("lesson", nargs="*", help="the beginning of a lesson's name")
    parser.add_argument("--no-execute", action="store_true", help="take the committed outputs")
    parser.add_argument("--edition", default="en", help="the language of the PDF")
    options = parser.parse_intermixed_args()  # LESSON may follow an option
    try:
        if options.action == "figures":
            figures.for_lab(BUILD / "lab", BUILD / "wasm")
            return
        if options.action == "pdf":
            start = time.monotonic()
            lessons = find(language=None)
            if options.edition not in {lesson.language for lesson in lessons}:
                raise Problem(f"there are no lessons in {options.edition!r}")
            build(lessons, out=BUILD / "pdf")
            name = "unroll.pdf" if options.edition == "en" else f"unroll-{options.edition}.pdf"
            _, count = pdf.make(lessons, BUILD / "pdf", BUILD / name, options.edition)
            print(f"{BUILD.name}/{name}  {count} pages  {time.monotonic() - start:.1f} s")
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
