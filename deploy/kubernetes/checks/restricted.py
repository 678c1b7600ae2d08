"""The "restricted" Pod Security Standard, and a little more.

https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral",
           "persistentVolumeClaim", "projected", "secret"}


def _first(key, *contexts):
    """Of the container's security context, else of the pod's."""
    return next((c[key] for c in contexts if key in c), None)


def _container(c, pod_context):
    context = c.get("securityContext", {})
    capabilities = context.get("capabilities", {})
    if context.get("privileged"):
        yield "it is privileged"
    if context.get("allowPrivilegeEscalation") is not False:
        yield "it may gain privileges"
    if "ALL" not in capabilities.get("drop", []):
        yield "it keeps capabilities"
    if set(capabilities.get("add", [])) - {"NET_BIND_SERVICE"}:
        yield "it has added capabilities"
    if _first("runAsNonRoot", context, pod_context) is not True:
        yield "it may run as root"
    if _first("runAsUser", context, pod_context) == 0:
        yield "it runs as root"
    seccomp = _first("seccompProfile", context, pod_context) or {}
    if seccomp.get("type") not in ("RuntimeDefault", "Localhost"):
        yield "it has no seccomp profile"
    if context.get("procMount", "Default") != "Default":
        yield "it sees /proc unmasked"
    if any("hostPort" in port for port in c.get("ports", [])):
        yield "it takes a port of the node"
    # What the standard leaves open.
    if context.get("readOnlyRootFilesystem") is not True:
        yield "it may write to its root"
    if not isinstance(_first("runAsUser", context, pod_context), int):
        yield "its user is not a number"


def restricted(o):
    spec = o.pod["spec"]
    context = spec.get("securityContext", {})
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(field):
            yield f"it has {field}"
    if context.get("sysctls"):
        yield "it sets sysctls"
    for volume in spec.get("volumes", []):
        if set(volume) - {"name"} - VOLUMES:
            yield f'volume {volume["name"]} is of a kind that is not allowed'
    for container in spec["containers"] + spec.get("initContainers", []):
        yield from _container(container, context)
    if spec.get("automountServiceAccountToken") is not False:
        yield "it gets a token of its service account"
    for namespace in o.of("Namespace"):
        level = "pod-security.kubernetes.io/enforce"
        if namespace["metadata"].get("labels", {}).get(level) != "restricted":
            yield "its namespace does not enforce it"
