"""The manifests for Kubernetes name what is there, and give no container a right."""

from pathlib import Path

import pytest
import yaml

from api.process_settings import ProcessSettings
from api.settings import Settings
from tests.house.test_deploy import command_tree, parsed

FOLDER = Path(__file__).parents[2] / "deploy" / "kubernetes"
KUSTOMIZATION = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
MANIFESTS = [
    manifest
    for name in KUSTOMIZATION["resources"]
    for manifest in yaml.safe_load_all((FOLDER / name).read_text())
]
PODS = {
    one["metadata"]["name"]: one["spec"]["template"]
    for one in MANIFESTS
    if one["kind"] == "Deployment"
}


def containers():
    return [one for pod in PODS.values() for one in pod["spec"]["containers"]]


def test_each_container_runs_a_command_that_can_be_typed_in_an_image_with_a_version():
    images = {one["name"]: one["newTag"] for one in KUSTOMIZATION["images"]}
    for container in containers():
        program, *arguments = container["command"]
        assert program == "footnote"
        assert parsed(command_tree(), arguments).command.callback
        assert images[container["image"]] not in {"latest", ""}


def test_each_setting_exists_and_no_secret_is_among_them():
    (generator,) = KUSTOMIZATION["configMapGenerator"]
    lines = (FOLDER / generator["envs"][0]).read_text().split()
    names = [line.partition("=")[0] for line in lines]
    known = set(Settings.model_fields) | set(ProcessSettings.model_fields)
    assert [name for name in names if name.removeprefix("FOOTNOTE_").lower() not in known] == []
    assert not {"FOOTNOTE_DATABASE_URL", "AWS_SECRET_ACCESS_KEY"} & set(names)


@pytest.mark.parametrize("name", list(PODS))
def test_no_pod_has_a_right_and_no_container_writes_but_to_its_volumes(name):
    pod = PODS[name]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    volumes = {volume["name"] for volume in pod["volumes"]}
    for container in pod["containers"]:
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is True
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]
        assert {mount["name"] for mount in container["volumeMounts"]} == volumes
        ports = {port["name"] for port in container["ports"]}
        for probe in ("startupProbe", "livenessProbe"):
            assert container[probe]["httpGet"]["port"] in ports


def test_budgets_scaling_and_network_are_about_pods_that_are_there():
    labels = {pod["metadata"]["labels"]["app"] for pod in PODS.values()}
    targets = set()
    for one in MANIFESTS:
        spec = one["spec"]
        if one["kind"] == "PodDisruptionBudget":
            targets.add(spec["selector"]["matchLabels"]["app"])
        if one["kind"] == "HorizontalPodAutoscaler":
            assert spec["scaleTargetRef"]["name"] in PODS
            assert spec["minReplicas"] >= 2
        if one["kind"] == "NetworkPolicy":
            (rule,) = spec["podSelector"]["matchExpressions"]
            assert set(rule["values"]) == labels
            assert spec["policyTypes"] == ["Ingress", "Egress"]
        if one["kind"] == "Service":
            assert spec["selector"]["app"] in labels
    assert targets == labels
