"""The examples of clusters, as far as they can be checked without one."""

import re
import shlex
import subprocess
from pathlib import Path

import click
import pytest
import yaml

from rnnlm_cli.commands.main import cli

CLUSTER = Path(__file__).parents[1] / "examples" / "cluster"
SSHD = ["/usr/sbin/sshd", "-De", "-f", "/etc/rnnlm/sshd_config"]


def text(name):
    return (CLUSTER / name).read_text(encoding="utf-8")


def commented_commands(source):
    """The commands in comments, each on one line."""
    lines = [line[1:].strip() for line in source.splitlines() if line.startswith("#   ")]
    return re.sub(r"\\\n", "", "\n".join(lines)).split("\n")


def test_the_containers_are_those_of_the_list_of_hosts():
    compose = yaml.safe_load(text("compose.yaml"))
    hosts = [line.partition(":")[0] for line in text("hosts").splitlines()]
    nodes = {name: one for name, one in compose["services"].items() if name != "keys"}
    assert hosts == list(nodes) == [one["hostname"] for one in nodes.values()]
    assert {one["image"] for one in nodes.values()} == {"rnnlm-node"}
    mounted = {volume.rsplit(":", 1)[0].split(":")[-1] for volume in nodes["node1"]["volumes"][::2]}
    assert mounted == {"/home/rnnlm/.ssh", "/etc/rnnlm/hosts"}
    start = next(c for c in commented_commands(text("compose.yaml")) if "mpiexec" in c)
    assert f"mpiexec -f /etc/rnnlm/hosts -n {len(hosts)} rnnlm" in start


def test_the_pods_are_as_many_as_the_ranks():
    job = yaml.safe_load(text("mpijob.yaml"))
    assert (job["apiVersion"], job["kind"]) == ("kubeflow.org/v2beta1", "MPIJob")
    launcher, worker = (job["spec"]["mpiReplicaSpecs"][name] for name in ("Launcher", "Worker"))
    command = launcher["template"]["spec"]["containers"][0]["command"]
    ranks = worker["replicas"] * job["spec"]["slotsPerWorker"]
    assert command[:3] == ["mpiexec", "-n", str(ranks)]
    own = worker["template"]["spec"]["containers"][0]
    assert own["command"] + own["args"] == SSHD
    assert own["ports"][0]["containerPort"] == int(re.search(r"Port (\d+)", text("sshd_config"))[1])


def test_all_start_the_same_sshd_with_keys_that_are_mounted():
    image = text("Dockerfile")
    assert f"CMD {SSHD}".replace("'", '"') in image
    for name in re.findall(r"^COPY (\S+)", image, re.MULTILINE):
        keys = re.findall(r"(?:HostKey|IdentityFile|KeysFile) (\S+)", text(name))
        assert keys
        assert {str(Path(key).parent) for key in keys} == {"/home/rnnlm/.ssh"}
    ports = {re.search(r"Port (\d+)", text(name))[1] for name in ("sshd_config", "ssh_config")}
    assert len(ports) == 1


def test_the_job_of_slurm_is_a_script_that_resumes():
    script = text("slurm.sh")
    subprocess.run(["bash", "-n", CLUSTER / "slurm.sh"], check=True)
    # comments end the options of sbatch only where commands begin
    before = script.partition("set -eu")[0]
    assert before.count("#SBATCH") == script.count("#SBATCH") == 8
    assert "--signal=TERM@300" in before
    assert "-eq 143 ]; then" in script


STARTS = [
    *(re.findall(r"rnnlm train [^|\n\\]*", text("slurm.sh"))),
    *(re.findall(r"rnnlm train .*", text("compose.yaml"))),
    "rnnlm train " + " ".join(re.findall(r"train, (.*)\]", text("mpijob.yaml"))).replace(",", ""),
]


@pytest.mark.parametrize("start", STARTS)
def test_what_they_start_is_a_command_of_rnnlm(start):
    words = shlex.split(start)[1:]
    context = click.Context(cli)
    command = cli.get_command(context, words[0])
    command.make_context("train", words[1:], parent=context)
    assert len(STARTS) == 3
