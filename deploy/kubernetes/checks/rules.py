"""What no schema says: that the objects fit each other, the server and its
measurements. Each rule yields a line for each fault."""

import re
from pathlib import Path

from objects import selects

ROOT = Path(__file__).resolve().parents[3]
MIB = 1 << 20


def seconds(text):
    """Of a duration as the server's flags take it."""
    units = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
    return sum(float(n) * units[u]
               for n, u in re.findall(r"([0-9.]+)(ms|[smh])", text))


def quantity(value):
    suffixes = {"": 1, "m": 0.001, "k": 1e3, "M": 1e6, "G": 1e9,
                "Ki": 1 << 10, "Mi": MIB, "Gi": 1 << 30}
    number, suffix = re.fullmatch(r"([0-9.]+)([a-zA-Z]*)", str(value)).groups()
    return float(number) * suffixes[suffix]


def selectors_match(o):
    labels = o.pod["metadata"]["labels"]
    for kind in ("Deployment", "PodDisruptionBudget"):
        if not selects(o.one(kind)["spec"]["selector"], labels):
            yield f"the {kind} does not select the pods"
    if not selects(o.one("NetworkPolicy")["spec"]["podSelector"], labels):
        yield "the NetworkPolicy does not select the pods"
    if not selects({"matchLabels": o.one("Service")["spec"]["selector"]}, labels):
        yield "the Service does not select the pods"
    for spread in o.pod["spec"]["topologySpreadConstraints"]:
        if not selects(spread["labelSelector"], labels):
            yield f'the spread over {spread["topologyKey"]} does not select the pods'
    if not selects(o.one("ServiceMonitor")["spec"]["selector"],
                   o.one("Service")["metadata"]["labels"]):
        yield "the ServiceMonitor does not select the Service"


def references_resolve(o):
    deployment = o.one("Deployment")
    target = o.one("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]
    if (target["apiVersion"], target["kind"], target["name"]) != (
            deployment["apiVersion"], "Deployment", deployment["metadata"]["name"]):
        yield "the HorizontalPodAutoscaler scales something else"
    config = o.one("ConfigMap")["metadata"]["name"]
    if {"configMapRef": {"name": config}} not in o.container["envFrom"]:
        yield f"the container's environment is not from {config}"
    account = o.one("ServiceAccount")["metadata"]["name"]
    if o.pod["spec"].get("serviceAccountName") != account:
        yield f"the pods do not run as {account}"
    volumes = {v["name"] for v in o.pod["spec"].get("volumes", [])}
    mounts = {m["name"] for m in o.container.get("volumeMounts", [])}
    if volumes != mounts:
        yield f"volumes {sorted(volumes)}, mounted {sorted(mounts)}"
    for obj in o.all:
        namespaces = {n["metadata"]["name"] for n in o.of("Namespace")}
        if (obj["kind"] != "Namespace" and namespaces
                and obj["metadata"].get("namespace") not in namespaces):
            yield f'{obj["kind"]} is in no namespace of these'


def ports_agree(o):
    ports = o.ports()
    for setting, name in (("LISTEN", "grpc"), ("METRICS_LISTEN", "metrics")):
        if o.settings[f"MENTIOND_{setting}"].rpartition(":")[2] != str(ports[name]):
            yield f"the server listens on another port than {name}"
    service = o.one("Service")["spec"]
    for port in service["ports"]:
        if port["targetPort"] not in ports:
            yield f'the Service has {port["targetPort"]}, the container has not'
    names = {p["name"] for p in service["ports"]}
    for endpoint in o.one("ServiceMonitor")["spec"]["endpoints"]:
        if endpoint["port"] not in names:
            yield f'the ServiceMonitor has {endpoint["port"]}, the Service has not'
    policy = o.one("NetworkPolicy")["spec"]
    let_in = {p["port"] for rule in policy["ingress"] for p in rule["ports"]}
    if let_in != set(ports.values()):
        yield f"the NetworkPolicy lets in {sorted(let_in)}"
    let_out = {p["port"] for rule in policy["egress"] for p in rule["ports"]}
    if let_out != {53, 443}:
        yield f"the NetworkPolicy lets out {sorted(let_out)}"
    if "Egress" not in policy["policyTypes"]:
        yield "the NetworkPolicy lets out anything"


def probes_are_on_the_metrics_port(o):
    for probe, path in (("startupProbe", "/livez"), ("livenessProbe", "/livez"),
                        ("readinessProbe", "/readyz")):
        http = o.container.get(probe, {}).get("httpGet", {})
        port = http.get("port")
        if o.ports().get(port, port) != o.ports()["metrics"]:
            yield f"{probe} is on port {port}"
        if http.get("path") != path:
            yield f'{probe} requests {http.get("path")}'


def streams_end_before_the_process_does(o):
    grace = o.pod["spec"].get("terminationGracePeriodSeconds", 30)
    drain = seconds(o.settings.get("MENTIOND_DRAIN_TIMEOUT", "10s"))
    # What comes after the drain takes well under 5 s.
    if grace < drain + 5:
        yield f"draining takes {drain:g} s, the pod has {grace} s"


def a_rollout_keeps_all_replicas(o):
    spec = o.one("Deployment")["spec"]
    if spec["strategy"].get("rollingUpdate", {}).get("maxUnavailable") != 0:
        yield "a rolling update may stop a replica before the next is ready"
    if "replicas" in spec:
        yield "each apply resets what the autoscaler has set"
    if o.one("HorizontalPodAutoscaler")["spec"]["minReplicas"] < 2:
        yield "one replica is not enough"


def settings_are_flags(o):
    flags = set(re.findall(r'"--([a-z_]+)"', (ROOT / "server/options.cc").read_text()))
    for name in o.settings:
        if name.removeprefix("MENTIOND_").lower() not in flags:
            yield f"the server has no flag for {name}"
    if "MENTIOND_EVENT_LOOPS" not in o.settings:
        yield "as many event loops as the node has processors"
    # Arguments would come before the environment; a command replaces the image's.
    if "command" not in o.container:
        yield "the image's arguments come before the environment"


def clients_tokens_are_encrypted(o):
    tls = "MENTIOND_TLS_CERT" in o.settings
    plaintext = o.settings.get("MENTIOND_ALLOW_PLAINTEXT") == "true"
    if tls == plaintext:
        yield "either TLS, or plaintext said to be allowed"
    mounts = [m["mountPath"] + "/" for m in o.container.get("volumeMounts", [])]
    for name in ("TLS_CERT", "TLS_KEY", "TLS_CLIENT_CA"):
        path = o.settings.get(f"MENTIOND_{name}")
        if path and not any(path.startswith(mount) for mount in mounts):
            yield f"{path} is not mounted"


def autoscaler_counts_streams(o):
    exported = (ROOT / "server/sampled_metrics.cc").read_text()
    most = int(o.settings["MENTIOND_MAX_STREAMS"])
    for metric in o.one("HorizontalPodAutoscaler")["spec"]["metrics"]:
        name = metric["pods"]["metric"]["name"]
        if f'"{name}"' not in exported:
            yield f"the server has no metric {name}"
        if quantity(metric["pods"]["target"]["averageValue"]) * 2 > most:
            yield f"a replica that has two replicas' streams has more than {most}"


def memory_is_what_was_measured(o):
    """The largest peak per stream of a burst, with a quarter more."""
    measured = (ROOT / "bench/RESULTS.md").read_text()
    bursts = re.findall(r"\| its costs \| (\d+) \|.* peak (\d+) MiB", measured)
    per_stream = max(int(mib) * MIB / int(streams)
                     for streams, mib in bursts if int(streams) >= 50000)
    need = int(o.settings["MENTIOND_MAX_STREAMS"]) * per_stream * 1.25
    limit = quantity(o.container["resources"]["limits"]["memory"])
    if limit < need:
        yield f"{limit / MIB:.0f} MiB for what may need {need / MIB:.0f} MiB"


def image_is_a_version(o):
    """An overlay's; the base has none, as its registry is not known."""
    image = o.container["image"]
    tag = re.search("[:@]([^/]+)$", image)
    if "/" in image and (not tag or tag[1] == "latest"):
        yield f"{image} may be anything tomorrow"


RULES = [
    selectors_match, references_resolve, ports_agree,
    probes_are_on_the_metrics_port, streams_end_before_the_process_does,
    a_rollout_keeps_all_replicas, settings_are_flags, clients_tokens_are_encrypted,
    autoscaler_counts_streams, memory_is_what_was_measured, image_is_a_version,
]
