# Debian's HAProxy and nginx, for the cluster test: the same versions that
# deploy/proxies/ is written for.
FROM debian:12
RUN apt-get update --quiet=2 \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 --no-install-recommends \
      haproxy nginx-light \
 && rm -rf /var/lib/apt/lists/*
