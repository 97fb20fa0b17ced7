"""The configuration of a workshop's hub. settings.py has the teacher's settings."""

import json
import os
import sys

import docker

import door
import gate
import homes
import words
import watch
from door import Spoken
from entry import Entry
from roll import Roll
from secretsfile import load
from settings import Settings
from spawner import ALIAS, NetworkSpawner, own_project

settings = Settings()
secrets = load(settings)
client = docker.APIClient(version="auto")
project = own_project(client)
cores = client.info()["NCPU"]

c = get_config()  # noqa: F821

c.JupyterHub.log_level = "ERROR"  # warnings would stand before the board, and are about what is meant to be so
c.JupyterHub.db_url = "sqlite:////srv/data/hub.sqlite"
c.JupyterHub.cookie_secret_file = "/srv/data/cookie-secret"
c.JupyterHub.pid_file = ""

# The proxy has its own container, so that it keeps running when the hub is down.
c.JupyterHub.proxy_class = gate.Routes
c.Routes.should_start = False
c.JupyterHub.cleanup_proxy = False
c.JupyterHub.bind_url = "https://:8000" if settings.https != "no" else "http://:8000"
c.JupyterHub.hub_bind_url = "http://hub:8081"  # not on the participants' networks
c.JupyterHub.hub_connect_url = "http://hub:8081"

# Authentication
c.JupyterHub.authenticator_class = Entry
c.Entry.seats = settings.entry == "seats"
c.Entry.user_password = secrets["password"]
c.Entry.admin_password = secrets["admin"]
c.Entry.teacher = "teacher"
c.Entry.allow_all = True
c.Entry.username_pattern = "^[a-z0-9][a-z0-9_-]*$"  # of accounts, which names.py makes
door.Stuck.client, door.Stuck.project = client, project
door.Stuck.lessons, exercises = homes.course(client, settings.language)

# Pages
c.JupyterHub.template_paths = ["/srv/hub/templates"]
c.JupyterHub.template_vars = {
    "words": {name: said for name, said in vars(words).items() if name.isupper()},
    "full": lambda user: words.stopped(user and watch.said().get(user.name), settings.disk),
    "shown": lambda user: Roll().shown(user.name) if user else "",
    "announcement_login": words.DOOR_SEATS if settings.entry == "seats" else words.DOOR_SHARED,
}

c.JupyterHub.jinja_environment_options = {"extensions": [Spoken]}

# Participants' containers
c.JupyterHub.spawner_class = NetworkSpawner
c.NetworkSpawner.project = project
c.NetworkSpawner.subnets = settings.subnets
c.NetworkSpawner.internet = settings.internet
c.NetworkSpawner.image = settings.lab
c.NetworkSpawner.pull_policy = "never"
c.NetworkSpawner.prefix = project
c.NetworkSpawner.name_template = "{prefix}-{username}"
c.NetworkSpawner.volumes = {f"{project}-home-{{username}}": "/home/learner"}
c.NetworkSpawner.cmd = ["jupyterhub-singleuser"]
c.NetworkSpawner.notebook_dir = ""
c.NetworkSpawner.use_internal_ip = True
c.NetworkSpawner.hub_connect_url = f"http://{ALIAS}:8081"
c.NetworkSpawner.remove = True
c.NetworkSpawner.poll_interval = 15
c.NetworkSpawner.http_timeout = 120
c.NetworkSpawner.start_timeout = 1800  # with the wait for its turn
c.JupyterHub.concurrent_spawn_limit = 0  # they wait in the spawner's queue
c.JupyterHub.tornado_settings = {"slow_spawn_timeout": 3}  # seconds until the page says what a start waits for
c.NetworkSpawner.mem_limit = settings.memory
c.NetworkSpawner.cpu_limit = min(settings.cpus, cores)
c.NetworkSpawner.environment = {
    "JUPYTERHUB_SINGLEUSER_EXTENSION": "1",
    "JUPYTERHUB_ACTIVITY_INTERVAL": "30",
    "EDITION": settings.language,
    # What comes first counts: the button "I am stuck", in the language of the workshop, and JupyterLab's language.
    "JUPYTER_CONFIG_PATH": ":".join(f"/opt/unroll/{folder}" for folder in (
        f"docker/lab/workshop/{settings.language}", f"kernel/settings/{settings.language}", "docker/lab/workshop", "docker/lab")),
} | (
    {name: "http://internet:3128" for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")}
    | {name: f"{ALIAS},localhost,127.0.0.1" for name in ("no_proxy", "NO_PROXY")}
    if settings.internet
    else {}
)
c.NetworkSpawner.extra_host_config = {
    "read_only": True,
    "tmpfs": {"/tmp": "exec,nosuid,nodev,mode=1777,size=512m"},  # GoNB builds and runs cells there
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
    "pids_limit": settings.processes,
    "memswap_limit": settings.memory,
    "ulimits": [
        docker.types.Ulimit(name="fsize", soft=settings.disk, hard=settings.disk),
        docker.types.Ulimit(name="core", soft=0, hard=0),
        docker.types.Ulimit(name="nofile", soft=8192, hard=8192),
    ],
    "oom_score_adj": 500,  # if the machine runs out of memory, a cell is killed, not the hub
    "log_config": {"Type": "json-file", "Config": {"max-size": "1m", "max-file": "1"}},
}
c.JupyterHub.default_url = "/hub/spawn"

# An idle server is stopped, to free its memory; the work stays in its volume.
c.JupyterHub.services = [
    {
        "name": "idle",
        "command": [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={settings.idle * 60}", "--logging=error"],
    },
    {
        "name": "watch",
        "command": [sys.executable, "/srv/hub/watch.py"],
        "environment": {"UNROLL_PROJECT": project, "HOSTNAME": os.environ["HOSTNAME"]} | {k: v for k, v in os.environ.items() if k.startswith("UNROLL_")},
    },
    {
        # Without a url: the hub would end if the page took ten seconds to come up, as on a busy machine. The proxy has its way itself.
        "name": "class",
        "command": [sys.executable, "/srv/hub/teacher.py"],
        "oauth_client_id": "service-class",
        "oauth_redirect_uri": "/services/class/oauth_callback",
        "environment": {"UNROLL_PROJECT": project, "UNROLL_COURSE": json.dumps([door.Stuck.lessons, exercises]),
                        "JUPYTERHUB_SERVICE_PREFIX": "/services/class/", "JUPYTERHUB_OAUTH_CALLBACK_URL": "/services/class/oauth_callback"}
        | {k: v for k, v in os.environ.items() if k.startswith("UNROLL_")},
        "oauth_no_confirm": True,
    },
]
# Nobody is the hub's admin: the teacher can stop servers, and can neither open them nor make tokens. Nor can participants make tokens.
c.JupyterHub.load_roles = [
    {"name": "user", "scopes": ["read:users!user", "users:activity!user", "servers!user", "access:servers!user"]},
    {
        "name": "teacher",
        "scopes": ["admin-ui", "list:users", "read:users", "read:servers", "delete:servers", "access:services"],
        "users": ["teacher"],
    },
    {"name": "idle", "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"], "services": ["idle"]},
    {"name": "watch", "scopes": ["list:users", "read:servers", "delete:servers"], "services": ["watch"]},
    {"name": "class", "scopes": ["list:users", "read:servers", "read:users:activity", "servers"], "services": ["class"]},
]
