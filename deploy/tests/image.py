"""The image: what is in it, that it runs with nothing that it does not need, and
that `docker stop` lets clients go on elsewhere."""

import asyncio
import calendar
import json
import pathlib
import shutil
import subprocess
import tempfile
import time

import grpc

import stubs
from cluster import Cluster, get
from crowd import Crowd
from findings import Finding

LOCKED_DOWN = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges",
               "--pids-limit=100")
MEGABYTE = 1_000_000
PROTOSET = "usr/local/share/mentiond/mentions.protoset"


async def _contents(cluster: Cluster, findings: list[Finding]) -> None:
    docker, image = cluster.docker, cluster.settings.image
    about = json.loads(await docker("image", "inspect", image))[0]
    config = about["Config"]
    size = about["Size"] / MEGABYTE
    findings.append(Finding("size", f"{size:.1f} MB", size < 60))
    user = config["User"]
    findings.append(Finding("user, by number", user,
                            all(part.isdigit() and part != "0" for part in user.split(":"))))
    findings.append(Finding("entry point", " ".join(config["Entrypoint"]),
                            config["Entrypoint"] == ["/usr/local/bin/mentiond"]))
    labels = {key.removeprefix("org.opencontainers.image."): value
              for key, value in (config["Labels"] or {}).items()}
    version = (await docker("run", "--rm", "--label", docker.label, image, "--version")).split()[-1]
    findings.append(Finding("label of its version", labels.get("version", ""),
                            labels.get("version") == version
                            and {"title", "revision", "licenses"} <= labels.keys()))
    with tempfile.TemporaryDirectory() as directory:
        name = docker.prefix + "contents"
        await docker("create", "--name", name, "--label", docker.label, image)
        await docker("cp", f"{name}:/var/lib/dpkg", directory)
        packages = subprocess.run(
            ["dpkg-query", f"--admindir={directory}/dpkg", "--show",
             "--showformat=${db:Status-Status} ${Package} ${Version}\\n"],
            check=True, capture_output=True, text=True).stdout.splitlines()
        installed = [line for line in packages if line.startswith("installed ")]
        findings.append(Finding("packages that scanners find", str(len(installed)),
                                len(installed) == len(packages) > 30
                                and any(" libssl3 3." in line for line in installed)))
        archive = pathlib.Path(directory) / "all.tar"
        await docker("export", "--output", str(archive), name)
        names = subprocess.run(["tar", "--list", "--file", archive], check=True,
                               capture_output=True, text=True).stdout.splitlines()
        findings.append(Finding("descriptor set for grpcurl", PROTOSET, PROTOSET in names))
        shells = [n for n in names if n.split("/")[-1] in ("sh", "bash", "dash", "busybox", "dpkg", "apt")]
        findings.append(Finding("shells and package managers", str(len(shells)), not shells))


async def _health(address: str, findings: list[Finding]) -> None:
    grpcurl = shutil.which("grpcurl")
    if grpcurl is None:
        print("  skipped: no grpcurl: health by it")
        return
    process = await asyncio.create_subprocess_exec(
        grpcurl, "-plaintext", "-d", '{"service": "mentions.v1.MentionService"}', address,
        "grpc.health.v1.Health/Check", stdout=asyncio.subprocess.PIPE)
    status = json.loads((await process.communicate())[0] or "{}").get("status", "none")
    findings.append(Finding("health by grpcurl", status, status == "SERVING"))


async def _drain(cluster: Cluster, replica, findings: list[Finding]) -> None:
    channel = Crowd.channel(replica.grpc, None)
    call = stubs.service.MentionServiceStub(channel).Subscribe(
        stubs.messages.SubscribeRequest(repo=cluster.settings.repo, user="hebasto",
                                        history=stubs.messages.HISTORY_NONE))
    await call.read()
    began = time.monotonic()
    stopping = asyncio.create_task(replica.container.stop())
    try:
        while await call.read() is not grpc.aio.EOF:
            pass
        code, delay = await call.code(), stubs.retry_delay(await call.trailing_metadata())
    except grpc.aio.AioRpcError as error:
        code, delay = error.code(), stubs.retry_delay(error.trailing_metadata())
    exit_code = await stopping
    findings.append(Finding("docker stop ends streams with",
                            f"{code.name}, to come back after {delay:.2f} s",
                            code is grpc.StatusCode.UNAVAILABLE and delay > 0))
    findings.append(Finding("docker stop: exit code",
                            f"{exit_code} after {time.monotonic() - began:.1f} s", exit_code == 0))
    await channel.close()


async def image(cluster: Cluster) -> list[Finding]:
    findings: list[Finding] = []
    await _contents(cluster, findings)
    replica = await cluster.add_replica(options=LOCKED_DOWN)
    started = await cluster.docker(
        "inspect", "--format", "{{.State.StartedAt}}", replica.container.id)
    listening = [line for line in (await replica.container.logs()).splitlines()
                 if "listening on" in line][0].split()[0]
    seconds = _seconds(listening) - _seconds(started)
    findings.append(Finding("from its start until it listens", f"{1000 * seconds:.0f} ms",
                            0 < seconds < 5))
    await get(replica.metrics)
    await _health(replica.grpc, findings)
    await _drain(cluster, replica, findings)
    return findings


def _seconds(stamp: str) -> float:
    """Of a time such as 2026-01-01T00:00:00.123456789Z."""
    whole, _, fraction = stamp.rstrip("Z").partition(".")
    return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + float(f"0.{fraction}")
