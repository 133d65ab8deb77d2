"""What deploy/ says is what the package has: flags, variables, routes, ports, users and times."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from reactor_runtime.cli.commands import main
from reactor_runtime.cli.ice import ice_settings
from reactor_runtime.cli.ice_servers import VARIABLES
from reactor_runtime.cli.run import run
from reactor_runtime.limits import Limits
from reactor_runtime.manifest import read_manifest
from reactor_runtime.transport.webrtc import IceSettings, parse_ports
from scripts.browser_tools import ToolMissing
from scripts.turn_tools import turnserver
from tests.deploy.files import (
    BASE,
    COTURN,
    DEPLOY,
    KUBERNETES,
    ROOT,
    arguments,
    image_variables,
    instructions,
    kustomization,
    last_stage,
    literals,
    objects,
    pod,
    services,
)
from tests.server.house import serve

OTHERS = {"PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "NVIDIA_DRIVER_CAPABILITIES"}
"""Variables of others than this package."""
SECRETS = ("REACTOR_TOKEN", "TURN_SECRET")
SAMPLE = {"REACTOR_TOKEN": "0123456789abcdef", "TURN_SECRET": "shared", "ADVERTISE_IP": "203.0.113.7"}
"""Values for what the files leave to whoever deploys."""

server = pod("StatefulSet", BASE)
container = server["containers"][0]
coturn = pod("Deployment", COTURN)["containers"][0]


def known() -> set[str]:
    """The variables that `reactor run` takes."""
    names = {name for name, _ in VARIABLES}
    for parameter in run.params:
        given = parameter.envvar
        names |= {given} if isinstance(given, str) else set(given or ())
    return names


def composed() -> dict[str, str]:
    """The server's variables in Compose, with samples for what it takes from outside."""

    def sample(match: re.Match[str]) -> str:
        return SAMPLE[match[1]]

    said = services()["reactor"]["environment"]
    return {name: re.sub(r"\$\{(\w+)[^}]*\}", sample, value) for name, value in said.items()}


def configured(*folders: Path) -> dict[str, str]:
    """The server's variables in Kubernetes."""
    maps = [literals(folder, "reactor") for folder in folders]
    return {name: value for variables in maps for name, value in variables.items()}


def command(variables: dict[str, str], arguments: list[str], model: Path) -> tuple[click.Context, IceSettings]:
    """The command with these variables and nothing else, as click reads it."""
    nothing = dict.fromkeys(known())
    with CliRunner().isolation(env={**nothing, **variables}):
        context = run.make_context("run", arguments, click.Context(main, **main.context_settings))
        return context, ice_settings(context, read_manifest(str(model)))


PLACES = {
    "Dockerfile": image_variables(),
    "compose.yaml": composed(),
    "kubernetes/base": configured(BASE),
    "kubernetes/components/coturn": configured(BASE, COTURN),
}


@pytest.mark.parametrize("place", PLACES)
def test_each_variable_is_one_that_the_command_takes(place: str) -> None:
    assert PLACES[place].keys() - OTHERS <= known()


def test_the_secrets_are_variables_that_the_command_takes_and_stand_in_no_file() -> None:
    assert set(SECRETS) <= known()
    for entry in (*container["env"], *coturn["env"]):
        assert entry["name"] not in SECRETS or "secretKeyRef" in entry["valueFrom"]
    assert {entry["name"] for entry in container["env"]} == set(SECRETS)
    for name in SECRETS:
        assert services()["reactor"]["environment"][name].startswith(f"${{{name}:?")
        assert name not in image_variables()


@pytest.mark.parametrize("place", PLACES)
def test_the_command_starts_with_these_variables(place: str, tmp_path: Path) -> None:
    (tmp_path / "reactor.yaml").write_text("runtime: {import: 'bars:Bars'}")
    entry = [*arguments(last_stage()["ENTRYPOINT"]), *arguments(last_stage()["CMD"])]
    assert entry[:2] == ["reactor", "run"]
    assert container["args"] == entry[1:]
    variables = {**image_variables(), **SAMPLE, **PLACES[place]}
    context, ice = command(variables, entry[2:], tmp_path)
    assert context.params["host"] == "0.0.0.0" and context.params["port"] == 8080
    assert context.params["token"] == SAMPLE["REACTOR_TOKEN"]
    assert context.params["path"] == "/model" == last_stage()["WORKDIR"]
    assert ice.port_range == (50_000, 50_099)
    if "TURN_SERVERS" in variables:
        assert [server.secret for server in ice.servers] == ["shared", "shared"]
    assert ice.relay_only is (place == "kubernetes/components/coturn")


def test_ports_agree() -> None:
    image = image_variables()
    ranges = {place: variables["WEBRTC_PORT_RANGE"] for place, variables in PLACES.items()}
    first, last = parse_ports(image["WEBRTC_PORT_RANGE"])
    assert set(ranges.values()) == {f"{first}-{last}"}
    assert last - first + 1 > Limits().connections
    assert last_stage()["EXPOSE"].split() == [f"{image['PORT']}/tcp", f"{first}-{last}/udp"]
    assert configured(BASE)["PORT"] == image["PORT"]
    assert [port["containerPort"] for port in container["ports"]] == [int(image["PORT"])]
    names = {port["name"] for port in container["ports"]}
    for service in (document for document in objects(BASE) if document["kind"] == "Service"):
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= names
    published = services()["reactor"]["ports"]
    assert published == [f"8080:{image['PORT']}/tcp", f"{first}-{last}:{first}-{last}/udp"]


async def test_each_probe_asks_for_a_route() -> None:
    paths = {container[probe]["httpGet"]["path"] for probe in ("startupProbe", "readinessProbe", "livenessProbe")}
    paths |= set(re.findall(r"\}(/[\w/]+)", last_stage()["HEALTHCHECK"]))
    assert paths == {"/health/ready", "/health/live"}
    async with serve() as house:
        for path in paths:
            assert (await house.http.get(path)).status_code == 200, path


def test_the_end_is_waited_for() -> None:
    assert last_stage()["STOPSIGNAL"] == "SIGTERM"
    grace = float(configured(BASE)["REACTOR_GRACE"])
    assert grace + 5 <= server["terminationGracePeriodSeconds"]
    assert float(composed()["REACTOR_GRACE"]) + 5 <= float(services()["reactor"]["stop_grace_period"].rstrip("s"))


def test_nobody_is_root() -> None:
    user, _, group = last_stage()["USER"].partition(":")
    assert int(user) and int(group)
    rights = server["securityContext"]
    assert rights["runAsNonRoot"] and (rights["runAsUser"], rights["runAsGroup"]) == (int(user), int(group))
    assert any(f"--uid {user}" in rest for name, rest in instructions() if name == "RUN")


def test_what_is_copied_is_there_and_not_ignored() -> None:
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for name, rest in instructions():
        words = rest.split()
        if name == "COPY" and not words[0].startswith("--from"):
            for source in words[:-1]:
                assert (ROOT / source).exists(), source
                assert any(source == path or source.startswith(f"{path}/") for path in kept), source


def test_the_relay_is_the_same_in_both_places_and_where_the_server_looks_for_it() -> None:
    composed_relay, relay = services()["coturn"]["command"], coturn["args"]

    def value(words: list[str], name: str) -> str:
        return next(word.partition("=")[2] for word in words if word.startswith(f"--{name}="))

    for name in ("listening-port", "min-port", "max-port", "realm", "user-quota", "total-quota"):
        assert value(relay, name) == value(composed_relay, name), name
    assert re.fullmatch(r"\$\(TURN_SECRET\)", value(relay, "static-auth-secret"))
    assert value(composed_relay, "static-auth-secret") == "${TURN_SECRET}"
    port = value(relay, "listening-port")
    for variables in (composed(), configured(COTURN)):
        assert set(re.findall(r":(\d+)\?", variables["TURN_SERVERS"])) == {port}
    assert literals(COTURN, "coturn")["EXTERNAL_IP"] in configured(COTURN)["TURN_SERVERS"]
    ports = f"{value(relay, 'min-port')}-{value(relay, 'max-port')}"
    assert services()["coturn"]["ports"] == [f"{port}:{port}/tcp", f"{port}:{port}/udp", f"{ports}:{ports}/udp"]
    assert {entry["containerPort"] for entry in coturn["ports"]} == {int(port)}
    denied = [word for word in relay if word.startswith("--denied-peer-ip=")]
    assert denied and denied == [word for word in composed_relay if word.startswith("--denied-peer-ip=")]


def test_coturn_has_each_of_its_options() -> None:
    try:
        program = turnserver()
    except ToolMissing as problem:
        pytest.skip(str(problem))
    said = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=30, check=False)
    for word in (*services()["coturn"]["command"], *coturn["args"]):
        assert re.search(rf"(?<![\w-]){re.escape(word.partition('=')[0])}(?![\w-])", said.stdout + said.stderr), word


def test_each_overlay_stands_on_what_there_is() -> None:
    found = sorted(KUBERNETES.rglob("kustomization.yaml"))
    assert len(found) == 5
    for file in found:
        said: dict[str, Any] = kustomization(file.parent)
        for path in (*said.get("resources", ()), *said.get("components", ())):
            target = file.parent / path
            assert target.is_file() or (target / "kustomization.yaml").is_file(), f"{file}: {path}"


def test_kustomize_makes_each_overlay(tmp_path: Path) -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("no kubectl here to render the overlays with")
    for overlay in ("base", "gpu", "relay"):
        folder = str(KUBERNETES / overlay)
        done = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, ""), overlay
        assert ("nvidia.com/gpu" in done.stdout) is (overlay != "base")


def test_the_page_names_files_that_are_there() -> None:
    named = set(re.findall(r"\bdeploy/[\w./-]*\w", (ROOT / "docs" / "deploying.md").read_text()))
    assert {"deploy/Dockerfile", "deploy/compose.yaml"} <= named
    assert [path for path in named if not (ROOT / path).exists()] == []
    assert DEPLOY.is_dir()
