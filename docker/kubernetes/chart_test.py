"""The chart is rendered by helm, fits Kubernetes, sets a participant's limits as compose.yaml does, and refuses what is missing.

testdata/jupyterhub-4.4.0.tgz is Zero to JupyterHub at its tag 4.4.0, as chartpress packs it: its version and the tags of its images
are 4.4.0, and values.schema.json is made by its tools/generate-json-schema.py. Copyright (c) 2017, Project Jupyter Contributors;
testdata/LICENSE is theirs. Helm is built from Go's proxy, and Kubernetes' schemas are those in the package kubernetes-validate of PyPI.
"""

import ast
import base64
import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import jsonschema
import pytest
import referencing
import requests
import yaml
from conftest import ROOT, docker

HERE = Path(__file__).parent
CHART = HERE / "testdata/jupyterhub-4.4.0.tgz"
HELM = "helm.sh/helm/v3/cmd/helm@v3.19.0"
SCHEMAS = "kubernetes-validate==1.37.0", "85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9"
KUBERNETES = "1.34.0"
TOOLS = ROOT / ".unroll/kubernetes"  # make clean removes it
VALUES = yaml.safe_load((HERE / "values.yaml").read_text())["jupyterhub"]
OWN = json.loads((HERE / "values.schema.json").read_text())
EXAMPLES = sorted((HERE / "examples").glob("*.yaml"))
SET = {"hub": {"config": {"SharedPasswordAuthenticator": {"user_password": "x" * 8, "admin_password": "y" * 32}}}, "singleuser": {"image": {"name": "name", "tag": "1.0"}}}  # fmt: skip
with tarfile.open(CHART) as packed:
    SCHEMA = json.load(packed.extractfile("jupyterhub/values.schema.json"))
GIVEN = ["--set-string=jupyterhub.singleuser.image.name=name", "--set-string=jupyterhub.singleuser.image.tag=1.10",
         "--set-string=jupyterhub.hub.config.SharedPasswordAuthenticator.user_password=xxxxxxxx",
         f"--set-string=jupyterhub.hub.config.SharedPasswordAuthenticator.admin_password={'y' * 32}"]  # fmt: skip

sys.path.insert(0, str(HERE.parent / "hub"))


def without_required(schema):
    """The chart's own values supply what is required."""
    if isinstance(schema, dict):
        return {key: without_required(value) for key, value in schema.items() if not (key == "required" and isinstance(value, list))}
    return [without_required(item) for item in schema] if isinstance(schema, list) else schema


def errors(values):
    return [f"{'.'.join(map(str, e.absolute_path))}: {e.message}" for e in
            jsonschema.Draft7Validator(without_required(SCHEMA)).iter_errors(values)]  # fmt: skip


def test_fit_the_schema():
    assert errors(VALUES) == []


def test_the_schema_would_notice():
    assert errors({"singleuser": {"memmory": {"limit": "1G"}}})
    assert errors({"cull": {"timeout": "an hour"}})


def test_bounds_are_those_of_the_workshop():
    from settings import Settings

    settings, single = Settings({}), VALUES["singleuser"]
    assert int(single["memory"]["limit"][:-1]) << 20 == settings.memory
    assert single["cpu"]["limit"] == settings.cpus
    assert VALUES["cull"]["timeout"] == settings.idle * 60
    assert single["uid"] == 1000 and not single["allowPrivilegeEscalation"]
    egress = single["networkPolicy"]["egressAllowRules"]
    assert not (egress["nonPrivateIPs"] or egress["privateIPs"] or egress["cloudMetadataServer"])
    bounds = VALUES["hub"]["config"]["KubeSpawner"]["container_security_context"]
    assert bounds["readOnlyRootFilesystem"] and bounds["capabilities"] == {"drop": ["ALL"]}


def test_no_password_is_there():
    assert not VALUES["hub"]["config"]["SharedPasswordAuthenticator"]


def merged(values, more):
    """As helm merges: dictionaries are updated, everything else is replaced."""
    if not (isinstance(values, dict) and isinstance(more, dict)):
        return more
    return values | {key: merged(values.get(key), value) for key, value in more.items()}


def refused(more):
    it = jsonschema.Draft7Validator(OWN)
    return [".".join(map(str, error.absolute_path)) for error in it.iter_errors({"jupyterhub": merged(VALUES, more)})]


def test_what_is_set_as_the_readme_says_is_right():
    assert refused(SET) == [] and errors(merged(VALUES, SET)) == []


@pytest.mark.parametrize(("more", "where"), [
    ({"hub": {"config": {"SharedPasswordAuthenticator": {"user_password": "short"}}}}, "user_password"),
    ({"hub": {"config": {"SharedPasswordAuthenticator": {"admin_password": "y" * 31}}}}, "admin_password"),
    ({"hub": {"config": {"SharedPasswordAuthenticator": {"user_password": 12345678}}}}, "user_password"),
    ({"hub": {"config": {"SharedPasswordAuthenticator": None}}}, "config"),
    ({"singleuser": {"image": {"tag": 1.0}}}, "tag"),
    ({"singleuser": {"image": {"tag": "set-me"}}}, "tag"),
    ({"singleuser": {"image": {"name": "set-me"}}}, "name"),
])  # fmt: skip
def test_what_is_missing_or_short_is_refused(more, where):
    assert any(where in path for path in refused(merged(SET, more)))


def test_nothing_set_is_refused():
    assert len(refused({})) >= 3


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_examples_fit_the_schema(example):
    more = yaml.safe_load(example.read_text())["jupyterhub"]
    assert errors(merged(VALUES, more)) == []
    assert refused(merged(SET, more)) == []
    if example.stem in ("github", "google", "lti13"):  # they need no shared password
        assert refused(merged({"singleuser": SET["singleuser"]}, more)) == []


def test_roles_are_those_of_the_workshop():
    text = (HERE.parent / "hub/jupyterhub_config.py").read_text()
    roles = {name: set(ast.literal_eval(scopes)) for name, scopes in re.findall(r'"name": "(\w+)",\s+"scopes": (\[[^\]]*\])', text)}
    for name, role in VALUES["hub"]["loadRoles"].items():
        assert set(role["scopes"]) == roles[name], name
    assert not any(re.match("access:servers$|tokens|admin:|shutdown|proxy", scope) for scope in roles["teacher"])
    assert "admin_users" not in str(VALUES)


def test_what_is_configured_in_python_compiles():
    for name, code in VALUES["hub"]["extraConfig"].items():
        compile(code, name, "exec")


# Rendered


@pytest.fixture(scope="session")
def helm():
    if not (found := TOOLS / "helm").exists():
        subprocess.run(["go", "install", "-trimpath", "-ldflags=-s -w", HELM], check=True, cwd=HERE, timeout=900,
                       env=os.environ | {"GOBIN": str(TOOLS), "GOFLAGS": ""})  # fmt: skip
    return found


@pytest.fixture(scope="session")
def kubernetes():
    """Kubernetes' schemas, as a function from a resource to what is wrong with it."""
    name, right = SCHEMAS
    if not (found := list(TOOLS.glob("kubernetes_validate-*.whl"))):
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", f"--dest={TOOLS}", name], check=True, timeout=300)
        found = list(TOOLS.glob("kubernetes_validate-*.whl"))
    assert hashlib.sha256(found[0].read_bytes()).hexdigest() == right
    archive = zipfile.ZipFile(found[0])

    @functools.cache
    def read(file):
        content = archive.read(f"kubernetes_validate/kubernetes-json-schema/v{KUBERNETES}-local-strict/{file}")
        return referencing.Resource.from_contents(json.loads(content), default_specification=referencing.jsonschema.DRAFT7)

    def wrong(part):
        group, _, version = part["apiVersion"].rpartition("/")
        file = "-".join(filter(None, [part["kind"].lower(), group.removesuffix(".k8s.io").split(".")[0], version])) + ".json"
        registry = referencing.Registry(retrieve=lambda uri: read(uri.rsplit("/", 1)[-1]))
        errors = jsonschema.Draft7Validator(read(file).contents, registry=registry).iter_errors(part)
        return [f"{part['kind']} {part['metadata']['name']}: {'.'.join(map(str, e.absolute_path))}: {e.message}" for e in errors]

    return wrong


@pytest.fixture(scope="session")
def render(helm, tmp_path_factory):
    """Renders the chart with what helm dependency update brings beside it; unpacked, if asked."""
    packed, unpacked = tmp_path_factory.mktemp("packed") / "unroll", tmp_path_factory.mktemp("unpacked") / "unroll"
    for folder in (packed, unpacked):
        shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "charts").mkdir()
    shutil.copy(CHART, packed / "charts")
    shutil.unpack_archive(CHART, unpacked / "charts")

    def run(*options, chart=packed):
        return subprocess.run([helm, "template", "unroll", chart, f"--kube-version={KUBERNETES}", *options], text=True, capture_output=True)

    run.unpacked = unpacked
    return run


def parts(said):
    assert said.returncode == 0, said.stderr
    return [part for part in yaml.safe_load_all(said.stdout) if part]


def one(all_, kind, name):
    return next(part for part in all_ if part["kind"] == kind and part["metadata"]["name"] == name)


def containers(part):
    """Of a workload's pods, those that run before the others included."""
    pod = part["spec"]["template"]["spec"] if part["kind"] in ("Deployment", "DaemonSet", "StatefulSet", "Job") else {}
    return [*pod.get("initContainers", ()), *pod.get("containers", ())]


@pytest.mark.parametrize("example", [None, *EXAMPLES], ids=lambda path: path.stem if path else "values")
def test_is_rendered_and_fits_kubernetes(render, kubernetes, example):
    all_ = parts(render(*GIVEN, *([f"--values={example}"] if example else [])))
    assert {"hub", "proxy", "figures"} <= {part["metadata"]["name"] for part in all_ if part["kind"] == "Deployment"}
    assert [error for part in all_ for error in kubernetes(part)] == []
    for container in (container for part in all_ for container in containers(part)):
        bounds = container.get("securityContext", {})
        assert not bounds.get("privileged") and not bounds.get("capabilities", {}).get("add"), container["name"]
    told = base64.b64decode(one(all_, "Secret", "hub")["data"]["values.yaml"]).decode()
    wanted = yaml.safe_load(example.read_text())["jupyterhub"] if example else VALUES
    hub = yaml.safe_load(told)["hub"]
    assert hub["config"] == merged(hub["config"], wanted.get("hub", {}).get("config", {}))
    assert one(all_, "ConfigMap", "hub")["data"]["jupyterhub_config.py"]  # without it the hub does not start
    assert one(all_, "Deployment", "figures")["spec"]["template"]["spec"]["containers"][0]["image"] == "name:1.10"


def test_the_schemas_of_kubernetes_would_notice(render, kubernetes):
    figures = one(parts(render(*GIVEN)), "Deployment", "figures")
    figures["spec"]["template"]["spec"]["containers"][0]["imagge"] = "x"
    del figures["spec"]["selector"]
    assert len(kubernetes(figures)) == 2


def test_is_rendered_unpacked_as_well(render):
    """Helm applies this chart's .helmignore to a chart that lies unpacked in charts/."""
    hub = [one(parts(render(*GIVEN, **chart)), "ConfigMap", "hub") for chart in ({}, {"chart": render.unpacked})]
    assert hub[0] == hub[1]


@pytest.mark.parametrize(("options", "said"), [
    ([], "user_password"),
    (GIVEN[:3], "admin_password"),
    ([*GIVEN, "--set-string=jupyterhub.hub.config.SharedPasswordAuthenticator.user_password=seven77"], "user_password"),
    ([*GIVEN, f"--set-string=jupyterhub.hub.config.SharedPasswordAuthenticator.admin_password={'y' * 31}"], "admin_password"),
    ([*GIVEN[1:], "--set-string=jupyterhub.singleuser.image.name=set-me"], "image/name"),
    ([GIVEN[0], *GIVEN[2:]], "image/tag"),
    ([GIVEN[0], *GIVEN[2:], "--set=jupyterhub.singleuser.image.tag=2026"], "image/tag"),
    ([*GIVEN, "--set=jupyterhub.singleuser.memmory.limit=1G"], "memmory"),
])  # fmt: skip
def test_what_is_missing_or_wrong_is_not_rendered(render, options, said):
    done = render(*options)
    assert done.returncode and said in done.stderr and not done.stdout


def test_the_readme_sets_strings():
    for line in (HERE / "README.md").read_text().splitlines():
        assert not re.search(r"--set \S*(tag|name|password)=", line)


def test_the_figures_are_served(render, images):
    """By the rendered container, within its bounds, at the path that the proxy sends there."""
    container = one(parts(render(*GIVEN)), "Deployment", "figures")["spec"]["template"]["spec"]["containers"][0]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    command = container["command"]
    it = docker("run", "-d", "--rm", "--read-only", "--tmpfs=/www:mode=1777", "--cap-drop=ALL", "--user=1000", "-p", "127.0.0.1::8080",
                f"--entrypoint={command[0]}", "unroll-lab", *command[1:])  # fmt: skip
    try:
        address = f"http://{docker('port', it, '8080')}/hub/static/figures/"
        for _ in range(60):
            try:
                listed = requests.get(address, timeout=5).text
                break
            except requests.ConnectionError:
                time.sleep(0.5)
        found = requests.get(address + re.search(r'href="([\w-]+\.html)"', listed)[1], timeout=20)
        assert found.status_code == 200 and "<svg" in found.text
        for script in re.findall(r'<script src="([^"]+)"', found.text):
            assert requests.get(requests.compat.urljoin(found.url, script), timeout=20).status_code == 200
    finally:
        docker("kill", it)
