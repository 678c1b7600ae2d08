"""What happens to a cluster while its subscribers watch, and what it has cost
them and GitHub."""

import asyncio
from collections.abc import Awaitable, Callable

from cluster import Cluster
from crowd import Crowd
from findings import Result
from github import Rate
from proxies import Proxy


class Trial:
    """Measures each scenario from its begin for one stream age."""

    def __init__(self, cluster: Cluster, crowd: Crowd, rate_of_one: float):
        self._cluster = cluster
        self._crowd = crowd
        self._rate_of_one = rate_of_one
        self._repeated = 0
        self.results: list[Result] = []

    async def __call__(self, name: str, at_most: float,
                       change: Callable[[], Awaitable[None]] | None = None) -> None:
        settings = self._cluster.settings
        streams = self._crowd.streams()
        rate = await Rate.begin(self._cluster.github)
        age = asyncio.create_task(asyncio.sleep(settings.stream_age_seconds))
        if change is not None:
            await change()
        await age
        ratio = await rate.end() / self._rate_of_one
        opened = [after - before for after, before in zip(self._crowd.streams(), streams)]
        # Polls that were due before this may have gone to a dead replica.
        lost = await self._crowd.lost_after(settings.silence_seconds + 10)
        repeated = self._crowd.repeated()
        self.results.append(Result(name, lost, repeated - self._repeated, opened, ratio, at_most))
        self._repeated = repeated
        print(f"  {name}: {self.results[-1].columns()}", flush=True)


async def killed(cluster: Cluster) -> None:
    replica = cluster.replicas[0]
    await replica.container.kill()
    await asyncio.sleep(3)
    await replica.container.start()
    await replica.until_ready()


async def cut_off(cluster: Cluster) -> None:
    replica = cluster.replicas[1]
    await replica.container.cut_off()
    # Its clients notice after the silence that they bear, or the proxy does.
    await asyncio.sleep(cluster.settings.silence_seconds + 3)
    await replica.container.reconnect()


async def rolled(cluster: Cluster) -> None:
    """Each replica in turn, the next when the last one is back for longer than
    nginx takes a replica for dead."""
    for replica in cluster.replicas[:3]:
        code = await replica.container.stop()
        if code != 0:
            raise RuntimeError(f"{replica.container.name} ended with {code}")
        await replica.container.start()
        await replica.until_ready()
        await asyncio.sleep(6)


async def added(cluster: Cluster, proxy: Proxy) -> None:
    replica = await cluster.add_replica()
    await proxy.replica_added(replica.container.name)
