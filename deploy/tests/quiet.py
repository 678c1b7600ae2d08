"""Streams on which nothing happens, and clients that go without a word, behind
a proxy with its own timeouts and a server with its own intervals."""

import asyncio
import itertools
import pathlib
import time

from cluster import Cluster, Replica
from crowd import Crowd
from docker import Container
from findings import Finding
from proxies import Proxy
from subscriber import Subscriber

QUIET_SECONDS = 180
# By the end of its connection.
KILLED_WITHIN = 10
# By what is sent to it every 30 s and not acknowledged.
VANISHED_WITHIN = 170


async def _client(cluster: Cluster, proxy: Proxy, name: str, host: int) -> Container:
    """A machine of its own with the sample client on it."""
    return await cluster.network.run(
        name, host, cluster.settings.image, "--tls", "--tls_ca=/ca.crt", "--history=none",
        f"--server={proxy.name}:50051", "--user=hebasto", cluster.settings.repo,
        options=("--entrypoint=mentions", "--env=GITHUB_TOKEN=ghp_quiet",
                 f"--volume={proxy.certificate.directory}/tls.crt:/ca.crt:ro"))


async def _until_streams(replica: Replica, count: int, patience: float) -> float | None:
    """After how many seconds there were so many; None: not in time."""
    began = time.monotonic()
    while time.monotonic() - began < patience:
        if await replica.streams() == count:
            return time.monotonic() - began
        await asyncio.sleep(0.2)
    return None


async def quiet(cluster: Cluster, proxy: Proxy, directory: pathlib.Path) -> list[Finding]:
    replica = await cluster.add_replica(
        poll_interval="10h", max_stream_age="0",
        # For all that nginx has on its ring.
        aliases=("mentiond-2", "mentiond-3"))
    await proxy.start(cluster, directory)
    channel = Crowd.channel(proxy.address, proxy.certificate.credentials())
    subscriber = Subscriber(itertools.repeat(channel), cluster.settings.repo, "hebasto",
                            "ghp_quiet", silence=10 * QUIET_SECONDS)
    task = asyncio.create_task(subscriber.run())
    await asyncio.wait_for(subscriber.synced.wait(), 60)
    # Before this the proxy may not have known the replica yet.
    opened, began = subscriber.streams, time.monotonic()

    killed = await _client(cluster, proxy, "killed", 20)
    vanished = await _client(cluster, proxy, "vanished", 21)
    if await _until_streams(replica, 3, 60) is None:
        raise RuntimeError(f"no streams: {await killed.logs()} {await proxy.container.logs()}")
    findings = []

    async def notice(name: str, left: int, within: float) -> None:
        seconds = await _until_streams(replica, left, within)
        findings.append(Finding(
            name, f"not within {within} s" if seconds is None else f"{seconds:.1f} s",
            seconds is not None))

    await killed.kill()
    await notice("killed client noticed after", 2, KILLED_WITHIN)
    await vanished.cut_off()
    await notice("vanished client noticed after", 1, VANISHED_WITHIN)
    await asyncio.sleep(began + QUIET_SECONDS - time.monotonic())
    alive = subscriber.streams == opened and not task.done()
    findings.append(Finding("quiet stream lives for",
                            f"{time.monotonic() - began:.0f} s", alive))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await channel.close()
    return findings
