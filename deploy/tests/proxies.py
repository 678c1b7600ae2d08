"""The proxies of deploy/proxies/, with their configurations as they are."""

import asyncio
import pathlib
import subprocess

import grpc

from cluster import PROXY_HOST, Cluster
from docker import Container
from stubs import ROOT

CONFIGURATIONS = ROOT / "deploy" / "proxies"
NAMES = ("proxy", "haproxy", "nginx", "github-cache", "api.github.com")


class Certificate:
    """One for every name that the tests use, in files that containers can read."""

    def __init__(self, directory: pathlib.Path):
        self.directory = directory / "tls"
        self.directory.mkdir()
        key, crt = self.directory / "tls.key", self.directory / "tls.crt"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=proxy",
             "-addext", "subjectAltName=" + ",".join(f"DNS:{name}" for name in NAMES), "-keyout", key, "-out", crt],
            check=True, stderr=subprocess.DEVNULL)
        key.chmod(0o644)

    def credentials(self) -> grpc.ChannelCredentials:
        return grpc.ssl_channel_credentials((self.directory / "tls.crt").read_bytes())


class Proxy:
    """`name` is also that of its configuration and its directory in /etc."""

    def __init__(self, name: str, configuration: str, command: tuple[str, ...]):
        self.name = name
        self._configuration = configuration
        self._command = command
        self.container: Container
        self._file: pathlib.Path

    async def start(self, cluster: Cluster, directory: pathlib.Path,
                    host: int = PROXY_HOST) -> None:
        self.certificate = Certificate(directory)
        # A copy: adding a replica may change it.
        self._file = directory / self._configuration
        self._file.write_text((CONFIGURATIONS / self._configuration).read_text())
        self.container = await cluster.network.run(
            self.name, host, cluster.settings.proxies_image, *self._command,
            options=(
                "--env=MENTIOND_SERVICE=mentiond",
                # See docs/scaling.md: how long what nobody acknowledges is sent again.
                "--sysctl=net.ipv4.tcp_retries2=8",
                f"--volume={directory}:/configuration:ro",
                f"--volume={self.certificate.directory}:/etc/{self.name}/tls:ro"))

    @property
    def address(self) -> str:
        return f"{self.container.address}:50051"

    async def replica_added(self, name: str) -> None:
        """Does what an operator does after that, if anything."""


class Haproxy(Proxy):
    def __init__(self):
        super().__init__("haproxy", "haproxy.cfg",
                         ("haproxy", "-W", "-db", "-f", "/configuration/haproxy.cfg"))


class Nginx(Proxy):
    def __init__(self):
        super().__init__("nginx", "nginx.conf",
                         ("nginx", "-g", "daemon off;", "-c", "/configuration/nginx.conf"))

    async def replica_added(self, name: str) -> None:
        text = self._file.read_text()
        last = [line for line in text.splitlines() if line.strip().startswith("server mentiond-")][-1]
        number = name.rsplit("-", 1)[1]
        added = last.replace(last.split(":")[0].rsplit("-", 1)[1] + ":", number + ":")
        self._file.write_text(text.replace(last, f"{last}\n{added}"))
        await self.container.kill("HUP")
        await asyncio.sleep(1)
