"""Replicas of mentiond on a network of their own, and the stand-in GitHub that
they read."""

import asyncio
import pathlib
import time
import urllib.request

from docker import Container, Docker, Network
from github import GitHub
from settings import Settings

GITHUB_HOST = 5
PROXY_HOST = 6
FIRST_REPLICA_HOST = 10


async def get(url: str) -> str:
    def call():
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.read().decode()
    return await asyncio.to_thread(call)


class Replica:
    def __init__(self, container: Container):
        self.container = container
        self.grpc = f"{container.address}:50051"
        self.metrics = f"http://{container.address}:9090/metrics"

    async def until_ready(self) -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                await get(f"http://{self.container.address}:9090/readyz")
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise RuntimeError(await self.container.logs()) from None
                await asyncio.sleep(0.1)

    async def streams(self) -> int:
        """How many are open on it, by its metrics."""
        lines = (await get(self.metrics)).splitlines()
        return sum(int(float(line.split()[-1])) for line in lines
                   if line.startswith("mentiond_streams{"))


class Cluster:
    def __init__(self, docker: Docker, network: Network, settings: Settings):
        self.docker = docker
        self.network = network
        self.settings = settings
        self.replicas: list[Replica] = []
        self.github: GitHub

    @staticmethod
    async def create(docker: Docker, settings: Settings) -> "Cluster":
        return Cluster(docker, await docker.network(), settings)

    async def start_github(self) -> None:
        settings = self.settings
        program = pathlib.Path(settings.fake_github).resolve()
        await self.network.run(
            "github", GITHUB_HOST, settings.image, "--listen=0.0.0.0:8080", "--corpus=/corpus",
            "--rate_limit=100000000",
            options=("--entrypoint=/fake_github", "--read-only",
                     f"--volume={program}:/fake_github:ro",
                     f"--volume={settings.corpus}:/corpus:ro"))
        self.github = GitHub(f"http://{self.network.address(GITHUB_HOST)}:8080", settings.repo)
        await self.github.until_ready()

    async def add_replica(self, options: tuple[str, ...] = (),
                          aliases: tuple[str, ...] = (), **flags: str) -> Replica:
        """`options` are docker's, `flags` mentiond's; it has these names besides
        its own."""
        number = len(self.replicas) + 1
        flags = {
            "listen": "0.0.0.0:50051", "allow_plaintext": "true",
            "metrics_listen": "0.0.0.0:9090",
            "github_api": self.github.url,
            "poll_interval": f"{self.settings.poll_seconds}s",
            "max_stream_age": f"{self.settings.stream_age_seconds}s",
            # The stand-in has none, and a poll interval this short would need more.
            "requests_per_minute": "0",
            "event_loops": "1", **flags}
        replica = Replica(await self.network.run(
            f"mentiond-{number}", FIRST_REPLICA_HOST + number, self.settings.image,
            *(f"--{name}={value}" for name, value in flags.items()),
            options=("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges",
                     *options),
            aliases=("mentiond", *aliases)))
        self.replicas.append(replica)
        await replica.until_ready()
        return replica

    async def streams(self) -> list[int]:
        return list(await asyncio.gather(*(r.streams() for r in self.replicas)))
