# JupyterLab's File → Save and Export Notebook As → HTML gives the page that `make html` makes, and → Executable Script a Go
# program.
from exporter import config

c.merge(config(strict=False))  # noqa: F821, c comes from traitlets
