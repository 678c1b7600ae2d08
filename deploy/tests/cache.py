"""deploy/proxies/github-cache.conf before the stand-in GitHub, which bears
GitHub's own name and address there."""

import dataclasses
import pathlib

from cluster import Cluster
from proxies import CONFIGURATIONS, Certificate

GITHUB_TLS_HOST = 7
CACHE_HOST = 8

GITHUB_TLS = """
events {}
error_log stderr warn;
pid /run/nginx.pid;
http {
  access_log off;
  server {
    listen 443 ssl;
    ssl_certificate /etc/nginx/tls/tls.crt;
    ssl_certificate_key /etc/nginx/tls/tls.key;
    location / {
      proxy_pass http://GITHUB:8080;
      proxy_set_header Host api.github.com;
      proxy_set_header X-Forwarded-Proto https;
      proxy_set_header X-Forwarded-Host api.github.com;
    }
  }
}
"""


@dataclasses.dataclass
class Cache:
    url: str
    ca_file: str
    options: tuple[str, ...]  # for containers that use it


async def start_cache(cluster: Cluster, directory: pathlib.Path) -> Cache:
    certificate = Certificate(directory)
    (directory / "github-tls.conf").write_text(
        GITHUB_TLS.replace("GITHUB", cluster.network.address(5)))
    (directory / "github-cache.conf").write_text(
        (CONFIGURATIONS / "github-cache.conf").read_text())
    volumes = (f"--volume={directory}:/configuration:ro",
               f"--volume={certificate.directory}:/etc/nginx/tls:ro")
    image = cluster.settings.proxies_image
    await cluster.network.run(
        "github-tls", GITHUB_TLS_HOST, image,
        "nginx", "-g", "daemon off;", "-c", "/configuration/github-tls.conf",
        options=volumes, aliases=("api.github.com",))
    await cluster.network.run(
        "github-cache", CACHE_HOST, image,
        "nginx", "-g", "daemon off;", "-c", "/configuration/github-cache.conf",
        options=(
            *volumes, "--tmpfs=/var/cache/nginx",
            f"--volume={certificate.directory}/tls.crt:/etc/ssl/certs/ca-certificates.crt:ro"))
    return Cache("https://github-cache:8443", "/ca.crt",
                 (f"--volume={certificate.directory}/tls.crt:/ca.crt:ro",))
