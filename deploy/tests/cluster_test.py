#!/usr/bin/python3
"""Three replicas of mentiond behind a proxy, and 300 subscribers of 30 tokens:
see docs/scaling.md.

  cluster_test.py TEST --measured=FILE --image=... ...

`one` measures what one replica costs GitHub, and what there is to deliver, and
keeps it in --measured for the others, which may have begun before."""

import argparse
import asyncio
import functools
import json
import os
import pathlib
import signal
import sys
import tempfile
import time
import traceback

os.environ.setdefault("GRPC_VERBOSITY", "NONE")

import image
import prometheus
import quiet
import scenarios
from cache import start_cache
from cluster import Cluster, get
from crowd import Crowd
from docker import Docker
from findings import Finding, Result
from github import Rate
from proxies import Haproxy, Nginx
from settings import Settings

STEADY = 1.1
AFTER_A_CHANGE = 2.0
WITH_CACHE = 1.2


async def until_resumed(settings: Settings) -> None:
    """A steady state begins when every stream has been resumed at its age, which
    is a tenth longer for some."""
    await asyncio.sleep(1.2 * settings.stream_age_seconds)


def keep(measured: pathlib.Path, what: dict) -> None:
    """All at once, as other tests wait for it."""
    unfinished = measured.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(what))
    unfinished.rename(measured)


async def kept(measured: pathlib.Path) -> dict:
    """What `one` has measured, as soon as it has."""
    deadline = time.monotonic() + 180
    while not measured.exists():
        if time.monotonic() > deadline:
            raise RuntimeError(f"no {measured}: has `one` failed?")
        await asyncio.sleep(0.5)
    return json.loads(measured.read_text())


async def one(settings: Settings, docker: Docker, directory: pathlib.Path,
              measured: pathlib.Path) -> list[Result]:
    cluster = await Cluster.create(docker, settings)
    await cluster.start_github()
    replica = await cluster.add_replica()
    crowd = Crowd(settings, cluster.github, [replica.grpc] * settings.connections, None)
    await crowd.start()
    crowd.begin_writing()
    await until_resumed(settings)
    rate = await Rate.begin(cluster.github)
    before = crowd.streams()
    await asyncio.sleep(settings.stream_age_seconds)
    opened = [now - then for now, then in zip(crowd.streams(), before)]
    measured.with_suffix(".metrics").write_text(await get(replica.metrics))
    keep(measured, {"rate": await rate.end(), "history": crowd.history()})
    await crowd.end_writing()
    lost = await crowd.lost_after(settings.silence_seconds)
    await crowd.close()
    return [Result("steady", lost, crowd.repeated(), opened, 1.0, 1.0)]


async def behind(proxy, watched: bool, settings: Settings, docker: Docker, directory: pathlib.Path,
                 measured: pathlib.Path) -> list[Result]:
    cluster = await Cluster.create(docker, settings)
    await cluster.start_github()
    for _ in range(3):
        await cluster.add_replica()
    await proxy.start(cluster, directory)
    crowd = Crowd(settings, cluster.github, [proxy.address] * settings.connections,
                  proxy.certificate.credentials())
    await crowd.start()
    crowd.begin_writing()
    await until_resumed(settings)
    known = await kept(measured)
    trial = scenarios.Trial(cluster, crowd, known["rate"])
    findings: list[Finding] = []
    try:
        await trial("steady", STEADY)
        if watched:
            findings = await prometheus.dashboard_on(cluster, directory)
        await trial("one killed", AFTER_A_CHANGE, functools.partial(scenarios.killed, cluster))
        await trial("one cut off", AFTER_A_CHANGE, functools.partial(scenarios.cut_off, cluster))
        await trial("all restarted in turn", AFTER_A_CHANGE,
                    functools.partial(scenarios.rolled, cluster))
        await trial("one added", AFTER_A_CHANGE,
                    functools.partial(scenarios.added, cluster, proxy))
        await trial("steady again", STEADY)
        print("  streams on the replicas:", await cluster.streams(), "ends:", dict(crowd.ends()))
    except Exception:
        print(await proxy.container.logs(), file=sys.stderr)
        raise
    trial.results[0].lost += crowd.lost_of_history(known["history"])
    await crowd.close()
    return [*trial.results, *findings]


async def cached(settings: Settings, docker: Docker, directory: pathlib.Path,
                 measured: pathlib.Path) -> list[Result]:
    cluster = await Cluster.create(docker, settings)
    await cluster.start_github()
    cache = await start_cache(cluster, directory)
    for _ in range(3):
        await cluster.add_replica(github_api=cache.url, options=cache.options,
                                  github_ca_file=cache.ca_file)
    crowd = Crowd(settings, cluster.github, [r.grpc for r in cluster.replicas], None)
    await crowd.start()
    crowd.begin_writing()
    await until_resumed(settings)
    known = await kept(measured)
    trial = scenarios.Trial(cluster, crowd, known["rate"])
    await trial("steady", WITH_CACHE)
    trial.results[0].lost += crowd.lost_of_history(known["history"])
    await crowd.close()
    return trial.results


async def quiet_behind(proxy, settings: Settings, docker: Docker, directory: pathlib.Path,
                       measured: pathlib.Path) -> list[Finding]:
    cluster = await Cluster.create(docker, settings)
    await cluster.start_github()
    return await quiet.quiet(cluster, proxy, directory)


async def of_image(settings: Settings, docker: Docker, directory: pathlib.Path,
                   measured: pathlib.Path) -> list[Finding]:
    cluster = await Cluster.create(docker, settings)
    await cluster.start_github()
    return await image.image(cluster)


TESTS = {"image": of_image, "one": one, "cache": cached}
for _proxy in (Haproxy(), Nginx()):
    TESTS[_proxy.name] = functools.partial(behind, _proxy, _proxy.name == "haproxy")
    TESTS[f"quiet-{_proxy.name}"] = functools.partial(quiet_behind, _proxy)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("test", choices=TESTS)
    parser.add_argument("--measured", type=pathlib.Path, required=True)
    for name in ("image", "proxies_image", "fake_github", "corpus"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("tokens", "stream_age_seconds", "poll_seconds", "silence_seconds"):
        parser.add_argument(f"--{name}", type=int, default=getattr(Settings, name))
    options = vars(parser.parse_args())
    test, measured = options.pop("test"), options.pop("measured")
    docker = Docker(test)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory() as directory:
        # Containers read it as other users.
        os.chmod(directory, 0o755)
        try:
            results = asyncio.run(TESTS[test](Settings(**options), docker,
                                              pathlib.Path(directory), measured))
        finally:
            docker.remove_all()
    for result in results:
        print("ok" if result.passed() else "FAILED", test, *result.columns(), sep="|")
    return 0 if all(result.passed() for result in results) else 1


if __name__ == "__main__":
    status = 1
    try:
        status = main()
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    # At an ordinary end gRPC 1.51's asyncio hangs, at times, after many calls.
    os._exit(status)
