"""Containers and networks of one test, by the docker command. All bear a label
of the test's own, by which they are removed at its end."""

import asyncio
import os
import subprocess


class DockerError(Exception):
    pass


class Docker:
    """Safe to share between the tasks of one event loop."""

    def __init__(self, name: str):
        self.label = f"mentiond-deploy-test={name}-{os.getpid()}"
        self.prefix = f"mdt-{name}-{os.getpid()}-"
        self._used = 0

    async def __call__(self, *arguments: str) -> str:
        """Runs `docker ARGUMENTS`; returns what it prints."""
        process = await asyncio.create_subprocess_exec(
            "docker", *arguments,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
        out, err = await process.communicate()
        if process.returncode != 0:
            raise DockerError(f"docker {' '.join(arguments)}: {err.decode().strip()}")
        return out.decode().strip()

    async def network(self) -> "Network":
        """A network of its own, in a range that nothing else uses."""
        for third in range(256):
            subnet = f"10.213.{third}"
            name = f"{self.prefix}{third}"
            try:
                await self("network", "create", "--label", self.label,
                           "--subnet", f"{subnet}.0/24", name)
                return Network(self, name, subnet)
            except DockerError as error:
                if "overlap" not in str(error):
                    raise
        raise DockerError("no free range of addresses")

    def remove_all(self) -> None:
        """Not a coroutine: it also runs when the event loop is gone."""
        def ids(*command):
            return subprocess.run(
                ["docker", *command, "--quiet", "--filter", f"label={self.label}"],
                stdout=subprocess.PIPE, check=False).stdout.decode().split()

        for containers in [ids("ps", "--all")]:
            if containers:
                subprocess.run(["docker", "rm", "--force", "--volumes", *containers],
                               stdout=subprocess.DEVNULL, check=False)
        for network in ids("network", "ls"):
            subprocess.run(["docker", "network", "rm", network],
                           stdout=subprocess.DEVNULL, check=False)


class Network:
    def __init__(self, docker: Docker, name: str, subnet: str):
        self.docker = docker
        self.name = name
        self._subnet = subnet

    def address(self, host: int) -> str:
        return f"{self._subnet}.{host}"

    async def run(self, name: str, host: int, image: str, *command: str,
                  options: tuple[str, ...] = (), aliases: tuple[str, ...] = ()) -> "Container":
        """Starts a container with this host number. Docker's own name server
        knows it, as long as it runs, by its name and aliases."""
        docker = self.docker
        await docker("run", "--detach", "--name", docker.prefix + name,
                     "--label", docker.label, "--network", self.name,
                     "--ip", self.address(host),
                     *(f"--network-alias={alias}" for alias in (name, *aliases)),
                     *options, image, *command)
        return Container(self, name, host, aliases)


class Container:
    def __init__(self, network: Network, name: str, host: int, aliases: tuple[str, ...]):
        self._network = network
        self._docker = network.docker
        self.name = name
        self.id = network.docker.prefix + name
        self.address = network.address(host)
        self._aliases = (name, *aliases)

    async def kill(self, signal: str = "KILL") -> None:
        await self._docker("kill", "--signal", signal, self.id)

    async def stop(self) -> int:
        """SIGTERM, as an orchestrator stops it; returns the exit code."""
        await self._docker("stop", "--time", "30", self.id)
        return int(await self._docker("inspect", "--format", "{{.State.ExitCode}}", self.id))

    async def start(self) -> None:
        await self._docker("start", self.id)

    async def cut_off(self) -> None:
        """Not a word more from or to it: no connection is closed."""
        await self._docker("network", "disconnect", self._network.name, self.id)

    async def reconnect(self) -> None:
        await self._docker("network", "connect", "--ip", self.address,
                           *(f"--alias={alias}" for alias in self._aliases),
                           self._network.name, self.id)

    async def logs(self) -> str:
        """A line each, with the time at which the engine got it."""
        process = await asyncio.create_subprocess_exec(
            "docker", "logs", "--timestamps", self.id,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
        return (await process.communicate())[0].decode(errors="replace")
