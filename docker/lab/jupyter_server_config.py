"""JupyterLab in a participant's container: the lessons in the home, one kernel."""

from pathlib import Path

c = get_config()  # noqa: F821
load_subconfig("/opt/unroll/kernel/jupyter_server_config.py")  # noqa: F821
load_subconfig("/opt/unroll/site/jupyter_server_config.py")  # noqa: F821

home = Path.home()
c.ServerApp.ip = "0.0.0.0"
c.ServerApp.root_dir = str(home)
c.ServerApp.open_browser = False
c.FileCheckpoints.checkpoint_dir = str(home / ".checkpoints")

lessons = sorted(path.name for path in Path("/opt/unroll/notebooks").glob("*.ipynb"))
seen = any((home / ".jupyter/lab/workspaces").glob("*"))
c.LabApp.default_url = c.ServerApp.default_url = "/lab" if seen or not lessons else f"/lab/tree/{lessons[0]}"

# Unix domain sockets: a program of another user can neither read from a kernel nor send to it.
c.KernelManager.transport = "ipc"
c.ConnectionFileMixin.transport = "ipc"
