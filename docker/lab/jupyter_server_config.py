"""JupyterLab in a participant's container: the lessons in the home, one kernel."""

import contextlib
import os
from pathlib import Path

c = get_config()  # noqa: F821
load_subconfig("/opt/unroll/kernel/jupyter_server_config.py")  # noqa: F821
load_subconfig("/opt/unroll/site/jupyter_server_config.py")  # noqa: F821

home = Path.home()
c.ServerApp.ip = "0.0.0.0"
c.ServerApp.root_dir = str(home)
c.ServerApp.open_browser = False
c.FileCheckpoints.checkpoint_dir = str(home / ".checkpoints")

language = os.environ.get("EDITION", "en")
folder = "" if language == "en" else f"{language}/"
lessons = sorted(path.name for path in Path("/opt/unroll/notebooks", folder).glob("*.ipynb"))
# What a participant's own files say about Jupyter is not read (the Dockerfile's JUPYTER_CONFIG_DIR), but for JupyterLab's
# settings and layout, and which notebooks are trusted.
c.NotebookNotary.db_file = str(home / ".jupyter/nbsignatures.db")
c.NotebookNotary.secret_file = str(home / ".jupyter/notebook_secret")
with contextlib.suppress(OSError):
    (home / ".jupyter").mkdir(exist_ok=True)

seen = any((home / ".jupyter/lab/workspaces").glob("*"))
c.LabApp.default_url = c.ServerApp.default_url = "/lab" if seen or not lessons else f"/lab/tree/{folder}{lessons[0]}"

# Unix domain sockets: a program of another user can neither read from a kernel nor send to it.
c.KernelManager.transport = "ipc"
c.ConnectionFileMixin.transport = "ipc"
