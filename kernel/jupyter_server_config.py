"""JupyterLab on a learner's own machine: the lessons, one kernel, nobody else."""

from pathlib import Path

root = Path(__file__).resolve().parent.parent
notebooks = root / "notebooks"

c = get_config()  # noqa: F821

c.ServerApp.ip = "127.0.0.1"
c.ServerApp.root_dir = str(notebooks)
c.ServerApp.log_level = c.LabApp.log_level = "WARN"  # the address is printed all the same

# The first start opens the first lesson; later ones what was open.
lessons = sorted(path.name for path in notebooks.glob("*.ipynb"))
workspaces = root / ".unroll/jupyter/config/lab/workspaces"
if lessons and not any(workspaces.glob("*")):
    c.LabApp.default_url = f"/lab/tree/{lessons[0]}"

# Under /static/figures/: the figures that compute, which the lessons link to.
c.ServerApp.extra_static_paths = [str(root / "build/lab")]

c.MultiKernelManager.default_kernel_name = "gonb"
c.KernelSpecManager.allowed_kernelspecs = {"gonb"}
c.KernelSpecManager.ensure_native_kernel = False

# GoNB completes. The search for language servers would have npm write into the home folder.
c.LanguageServerManager.autodetect = False

# Nothing asks the network.
c.LabApp.extension_manager = "readonly"
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.news_url = None
c.LabApp.app_settings_dir = str(root / "kernel/settings")  # where it would ask whether to fetch news
