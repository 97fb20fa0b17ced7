# JupyterLab's File → Save and Export Notebook As → HTML gives the page that `make html` makes.
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "internal" / "notebooks"))
from exporter import config

c.merge(config(strict=False))  # noqa: F821, c comes from traitlets
