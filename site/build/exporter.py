"""How nbconvert makes our pages. What it needs is named, not loaded: JupyterLab's server reads this
when it starts, and most of them never export a page."""

from pathlib import Path

from traitlets.config import Config


def config(strict):
    """The settings of nbconvert's HTMLExporter that make our pages, and of its ScriptExporter that make programs. Strict refuses what
    cannot be shown right, with a Problem; otherwise a page comes out in any case."""
    return Config(
        HTMLExporter={
            "template_name": "site",
            "extra_template_basedirs": [str(Path(__file__).resolve().parents[2])],
            "preprocessors": ["markup.LessonPage"],
            "filters": {
                "highlight_code": "markup.highlight_go",
                "csp_hash": "markup.csp_hash",
                "mark_english": "markup.mark_english",
                "mark_korean": "markup.mark_korean",
                "place": "figures.place",
                "subscripts": "figures.subscripts",
                "say": "interface.say",
                "scripts_words": "interface.scripts_words",
                "calls_itself": "interface.names",
            },
            "embed_images": True,
        },
        LessonPage={"strict": strict},
        ScriptExporter={"preprocessors": ["goprogram.GoProgram"]},
    )
