"""Faults, each put into the rendered example in memory, and what the check must
say of it: the check's own test. Each is a kind, the path of one of its fields, a
value for it, and a part of the line."""

import copy

from objects import Objects

REMOVE = object()


POD = "spec.template.spec."
BOX = POD + "containers.0."

AGAINST_THE_SCHEMA = [
    ("Deployment", POD + "terminationGracePeriod", 30, "was unexpected"),
    ("Deployment", BOX + "securityContext.readonlyRootFilesystem", True,
            "was unexpected"),
    ("Deployment", BOX + "ports.0.containerPort", "50051", "type 'integer'"),
    ("Deployment", BOX + "ports.1.containerPort", 50051, "two items"),
    ("Deployment", BOX + "envFrom", {"configMapRef": {}}, "type 'array'"),
    ("Deployment", BOX + "resources.limits.memory", "2 GiB", "does not match"),
    ("Deployment", BOX + "name", REMOVE, "required property"),
    ("Deployment", POD + "securityContext.seccompProfile.type",
            "runtime/default", "is not one of"),
    ("Deployment", POD + "topologySpreadConstraints.0.whenUnsatisfiable",
            "Never", "is not one of"),
    ("Deployment", "apiVersion", "extensions/v1beta1", "there is no Deployment"),
    ("Deployment", "spec.replicas", 2**31, "greater than the maximum"),
    ("ConfigMap", "data.MENTIOND_EVENT_LOOPS", 2, "type 'string'"),
    ("Service", "spec.ports.0.targetPort", ["grpc"], "is not of type"),
    ("HorizontalPodAutoscaler", "spec.metrics.0.type", "pods", "is not one of"),
    ("HorizontalPodAutoscaler", "spec.maxReplicas", REMOVE, "required property"),
    ("NetworkPolicy", "spec.policyTypes.1", "egress", "is not one of"),
    ("PodDisruptionBudget", "spec.maxUnavailible", 1, "was unexpected"),
    ("ServiceMonitor", "spec.endpoints.0.interval", 30, "type 'string'"),
    ("ServiceMonitor", "spec.endpoint", [], "was unexpected"),
]

AGAINST_RULES = [
    # Selectors and references.
    ("Deployment", "spec.template.metadata.labels", {"app": "mentiond"},
            "the Service does not select the pods"),
    ("Service", "spec.selector", {"app": "mentiond"},
            "the Service does not select the pods"),
    ("Service", "metadata.labels", {}, "does not select the Service"),
    ("PodDisruptionBudget", "spec.selector", {}, "does not select the pods"),
    ("HorizontalPodAutoscaler", "spec.scaleTargetRef.name", "mention",
            "scales something else"),
    ("ConfigMap", "metadata.name", "settings", "environment is not from"),
    ("Deployment", POD + "volumes.0.name", "cert", "mounted ['tls']"),
    ("Service", "metadata.namespace", "default", "in no namespace"),
    # Ports, probes, shutdown, rollout.
    ("Service", "spec.ports.0.targetPort", "rpc", "the container has not"),
    ("ServiceMonitor", "spec.endpoints.0.port", "http", "the Service has not"),
    ("ConfigMap", "data.MENTIOND_LISTEN", "0.0.0.0:50052", "another port"),
    ("NetworkPolicy", "spec.ingress.1.ports.0.port", 9091, "lets in"),
    ("NetworkPolicy", "spec.egress.1.ports.0.port", 80, "lets out"),
    ("NetworkPolicy", "spec.policyTypes", ["Ingress"], "lets out anything"),
    ("Deployment", BOX + "readinessProbe.httpGet.port", "grpc", "on port grpc"),
    ("Deployment", BOX + "startupProbe", REMOVE, "startupProbe is on port None"),
    ("Deployment", POD + "terminationGracePeriodSeconds", 20, "draining takes"),
    ("ConfigMap", "data.MENTIOND_DRAIN_TIMEOUT", "1m", "draining takes 60 s"),
    ("Deployment", "spec.strategy.rollingUpdate.maxUnavailable", "25%",
            "before the next is ready"),
    ("Deployment", "spec.replicas", 3, "each apply resets"),
    # Settings and measurements.
    ("ConfigMap", "data.MENTIOND_POLL_EVERY", "30s", "no flag for"),
    ("ConfigMap", "data.MENTIOND_ALLOW_PLAINTEXT", "true", "either TLS"),
    ("ConfigMap", "data.MENTIOND_TLS_KEY", "/tls/tls.key", "is not mounted"),
    ("ConfigMap", "data.MENTIOND_MAX_STREAMS", "100000", "may need"),
    ("HorizontalPodAutoscaler", "spec.metrics.0.pods.metric.name",
            "mentiond_open_streams", "has no metric"),
    ("HorizontalPodAutoscaler", "spec.metrics.0.pods.target.averageValue",
            "30k", "two replicas' streams"),
    ("Deployment", BOX + "image", "registry:5000/mentiond", "tomorrow"),
    ("Deployment", BOX + "image", "registry:5000/mentiond:latest", "tomorrow"),
    ("Deployment", BOX + "command", REMOVE, "before the environment"),
    # The restricted profile.
    ("Deployment", POD + "securityContext.runAsNonRoot", REMOVE, "run as root"),
    ("Deployment", POD + "securityContext.runAsUser", 0, "runs as root"),
    ("Deployment", POD + "securityContext.runAsUser", REMOVE, "not a number"),
    ("Deployment", POD + "securityContext.seccompProfile", REMOVE, "seccomp"),
    ("Deployment", POD + "automountServiceAccountToken", REMOVE, "gets a token"),
    ("Deployment", POD + "hostNetwork", True, "it has hostNetwork"),
    ("Deployment", POD + "volumes.0", {"name": "tls", "hostPath": {"path": "/"}},
            "a kind that is not allowed"),
    ("Deployment", BOX + "securityContext.capabilities.drop", ["NET_RAW"],
            "keeps capabilities"),
    ("Deployment", BOX + "securityContext.allowPrivilegeEscalation", REMOVE,
            "gain privileges"),
    ("Deployment", BOX + "securityContext.readOnlyRootFilesystem", False,
            "write to its root"),
    ("Namespace", "metadata.labels", {}, "does not enforce"),
]


def apply(objects, change):
    """A copy of the objects with the fault in it."""
    kind, path, value, _ = change
    broken = Objects(copy.deepcopy(objects.all))
    at = broken.one(kind)
    *steps, last = (int(s) if s.isdigit() else s for s in path.split("."))
    for step in steps:
        at = at[step]
    if value is REMOVE:
        at.pop(last, None)
    else:
        at[last] = copy.deepcopy(value)
    return broken
