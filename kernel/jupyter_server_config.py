"""JupyterLab on a learner's own machine: the lessons, one kernel, nobody else."""

import os
from pathlib import Path

root = Path(__file__).resolve().parent.parent

c = get_config()  # noqa: F821

c.ServerApp.ip = "127.0.0.1"
c.ServerApp.root_dir = str(root / "my-lessons")  # kernel/lab copies the lessons there
c.ServerApp.log_level = c.LabApp.log_level = "ERROR"  # the address is printed nevertheless

# The first start opens the first lesson, a later one what was open.
lessons = sorted(path.name for path in root.glob("notebooks/*.ipynb"))
workspaces = root / ".unroll/jupyter/config/lab/workspaces"
if lessons and not any(workspaces.glob("*")):
    c.LabApp.default_url = f"/lab/tree/{lessons[0]}"

# An edition in another language opens with its first lesson, since the one that was open may be another's.
edition = os.environ.get("EDITION", "en")
if edition != "en" and (lessons := sorted(path.name for path in root.glob(f"notebooks/{edition}/*.ipynb"))):
    c.LabApp.default_url = f"/lab/tree/{edition}/{lessons[0]}"

# Under /static/figures/: the living figures, which the copies link to.
c.ServerApp.extra_static_paths = [str(root / "build/lab")]

c.MultiKernelManager.default_kernel_name = "gonb" if edition == "en" else f"gonb-{edition}"
c.KernelSpecManager.allowed_kernelspecs = {"gonb", *(f"gonb-{path.parent.name}" for path in root.glob("notebooks/*/*.ipynb"))}
c.KernelSpecManager.ensure_native_kernel = False

# The menu Save and Export shows what works here; PDF is the browser's File → Print.
c.TemplateExporter.enabled = c.SlidesExporter.enabled = c.WebPDFExporter.enabled = c.QtExporter.enabled = False
c.HTMLExporter.enabled = c.MarkdownExporter.enabled = c.ScriptExporter.enabled = True

# GoNB completes words. The search for language servers runs npm, which writes into the home folder.
c.LanguageServerManager.autodetect = False

# No request leaves this machine.
c.LabApp.extension_manager = "readonly"
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.news_url = None
c.LabApp.custom_css = True  # kernel/settings/custom.css
c.ServerApp.tornado_settings = {"static_custom_path": [str(root / "kernel/settings")]}
c.LabApp.app_settings_dir = str(root / "kernel/settings")  # they answer the question whether to fetch news
