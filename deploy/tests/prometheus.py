"""A real Prometheus (Debian's) that scrapes the replicas of a cluster, and whether
every query of the dashboard returns data there."""

import asyncio
import json
import pathlib
import socket
import subprocess
import urllib.parse

from cluster import Cluster, get
from findings import Finding
from stubs import ROOT

CONFIGURATION = """
global: {scrape_interval: 2s, evaluation_interval: 2s}
rule_files: [RULES]
scrape_configs:
  - job_name: mentiond
    static_configs:
      - targets: TARGETS
"""


class Prometheus:
    """Outside containers: it only has to reach the replicas."""

    def __init__(self, cluster: Cluster, directory: pathlib.Path):
        targets = [f"{replica.container.address}:9090" for replica in cluster.replicas]
        configuration = directory / "prometheus.yml"
        configuration.write_text(
            CONFIGURATION.replace("TARGETS", json.dumps(targets))
            .replace("RULES", str(ROOT / "deploy" / "prometheus" / "alerts.yml")))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = "127.0.0.1:%d" % probe.getsockname()[1]
        self._url = f"http://{address}"
        self._log = open(directory / "prometheus.log", "w+", encoding="utf-8")
        self._process = subprocess.Popen(
            ["/usr/bin/prometheus", f"--config.file={configuration}",
             f"--storage.tsdb.path={directory / 'prometheus'}",
             f"--web.listen-address={address}"],
            stdout=self._log, stderr=subprocess.STDOUT)

    async def findings(self) -> list[Finding]:
        findings = []
        queries = subprocess.run([ROOT / "deploy" / "grafana" / "queries", "job=mentiond"],
                                 check=True, capture_output=True, text=True).stdout
        empty = []
        lines = queries.splitlines()
        for line in lines:
            panel, query = line.split("\t")
            if not await self._has_data(query):
                empty.append(f"{panel}: {query}")
        for line in empty:
            print(f"  no data: {line}")
        findings.append(Finding("queries of the dashboard with data",
                                f"{len(lines) - len(empty)} of {len(lines)}",
                                bool(lines) and not empty))
        health = json.loads(await get(f"{self._url}/api/v1/targets"))["data"]["activeTargets"]
        up = sum(target["health"] == "up" for target in health)
        findings.append(Finding("replicas that Prometheus scrapes", f"{up} of {len(health)}",
                                up == len(health) == 3))
        return findings

    async def _has_data(self, query: str) -> bool:
        answer = json.loads(await get(
            f"{self._url}/api/v1/query?" + urllib.parse.urlencode({"query": query})))
        values = [sample["value"][1] for sample in answer["data"]["result"]]
        return any(value != "NaN" for value in values)

    async def until_it_has_scraped(self) -> None:
        for _ in range(300):
            try:
                await get(f"{self._url}/-/ready")
                # For a rate it needs two scrapes of each.
                await asyncio.sleep(10)
                return
            except OSError:
                await asyncio.sleep(0.1)
        self._log.seek(0)
        raise RuntimeError(self._log.read())

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._log.close()


async def dashboard_on(cluster: Cluster, directory: pathlib.Path) -> list[Finding]:
    prometheus = Prometheus(cluster, directory)
    try:
        await prometheus.until_it_has_scraped()
        return await prometheus.findings()
    finally:
        prometheus.stop()
