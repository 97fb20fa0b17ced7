"""The values fit the schema of Zero to JupyterHub, set a participant's limits as compose.yaml does, and refuse what is missing."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

HERE = Path(__file__).parent
VALUES = yaml.safe_load((HERE / "values.yaml").read_text())["jupyterhub"]
OWN = json.loads((HERE / "values.schema.json").read_text())
EXAMPLES = sorted((HERE / "examples").glob("*.yaml"))
SET = {"hub": {"config": {"SharedPasswordAuthenticator": {"user_password": "x" * 8, "admin_password": "y" * 32}}}, "singleuser": {"image": {"name": "name", "tag": "1.0"}}}  # fmt: skip
SCHEMA = yaml.safe_load((HERE / "testdata/values.schema.yaml").read_text())

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


def test_rendered_by_helm(tmp_path):
    """With the chart of Zero to JupyterHub in UNROLL_CHART, as helm pull jupyterhub unpacks it."""
    chart = os.environ.get("UNROLL_CHART")
    if not (chart and shutil.which("helm")):
        pytest.skip("give the unpacked chart jupyterhub with UNROLL_CHART, and helm on the PATH")
    shutil.copytree(HERE, tmp_path / "unroll", ignore=shutil.ignore_patterns("testdata", "__pycache__"))
    shutil.copytree(chart, tmp_path / "unroll/charts/jupyterhub")

    def render(*options):
        return subprocess.run(["helm", "template", "unroll", tmp_path / "unroll", "--kube-version=1.34.0", *options], text=True, capture_output=True)

    said = render()
    assert said.returncode and "user_password" in said.stderr
    given = ["--set-string=jupyterhub.singleuser.image.name=name", "--set-string=jupyterhub.singleuser.image.tag=1.0",
             "--set-string=jupyterhub.hub.config.SharedPasswordAuthenticator.user_password=xxxxxxxx",
             f"--set-string=jupyterhub.hub.config.SharedPasswordAuthenticator.admin_password={'y' * 32}"]  # fmt: skip
    for example in [None, *EXAMPLES]:
        said = render(*given, *([f"--values={example}"] if example else []))
        assert said.returncode == 0, said.stderr
        parts = [part for part in yaml.safe_load_all(said.stdout) if part]
        figures = next(part for part in parts if part["kind"] == "Deployment" and part["metadata"]["name"] == "figures")
        assert figures["spec"]["template"]["spec"]["containers"][0]["image"] == "name:1.0"
        assert "privileged: true" not in said.stdout and "NET_ADMIN" not in said.stdout
