"""The values fit the chart's schema, and set a participant's limits as compose.yaml does."""

import sys
from pathlib import Path

import jsonschema
import yaml

HERE = Path(__file__).parent
VALUES = yaml.safe_load((HERE / "values.yaml").read_text())
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
    assert "password:" not in (HERE / "values.yaml").read_text().replace("shared-password", "")
