"""Checks objects against Kubernetes' published OpenAPI definitions, strictly.

As published they let unknown fields pass and leave out which values a string may
have; a server that applies them with strict validation refuses both. So here an
object that lists its properties has no others, and ENUMS has the values.
"""

import jsonschema

META = "io.k8s.apimachinery.pkg."
CORE = "io.k8s.api.core.v1."
SCALING = "io.k8s.api.autoscaling.v2."
POLICY = "io.k8s.api.policy.v1."
NETWORK = "io.k8s.api.networking.v1."

PROTOCOLS = ["TCP", "UDP", "SCTP"]
SPREAD = ["Honor", "Ignore"]

# The values that the descriptions of these fields name.
ENUMS = {
    "io.k8s.api.apps.v1.DeploymentStrategy": {"type": ["Recreate", "RollingUpdate"]},
    META + "apis.meta.v1.LabelSelectorRequirement": {
        "operator": ["In", "NotIn", "Exists", "DoesNotExist"]},
    CORE + "Container": {
        "imagePullPolicy": ["Always", "Never", "IfNotPresent"],
        "terminationMessagePolicy": ["File", "FallbackToLogsOnError"]},
    CORE + "ContainerPort": {"protocol": PROTOCOLS},
    CORE + "HTTPGetAction": {"scheme": ["HTTP", "HTTPS"]},
    CORE + "PodSecurityContext": {"fsGroupChangePolicy": ["OnRootMismatch", "Always"]},
    CORE + "PodSpec": {
        "dnsPolicy": ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"],
        "restartPolicy": ["Always", "OnFailure", "Never"]},
    CORE + "SeccompProfile": {"type": ["Localhost", "RuntimeDefault", "Unconfined"]},
    CORE + "SecurityContext": {"procMount": ["Default", "Unmasked"]},
    CORE + "ServicePort": {"protocol": PROTOCOLS},
    CORE + "ServiceSpec": {
        "sessionAffinity": ["ClientIP", "None"],
        "type": ["ExternalName", "ClusterIP", "NodePort", "LoadBalancer"]},
    CORE + "TopologySpreadConstraint": {
        "nodeAffinityPolicy": SPREAD, "nodeTaintsPolicy": SPREAD,
        "whenUnsatisfiable": ["DoNotSchedule", "ScheduleAnyway"]},
    NETWORK + "NetworkPolicyPort": {"protocol": PROTOCOLS},
    NETWORK + "NetworkPolicySpec": {"policyTypes": ["Ingress", "Egress"]},
    POLICY + "PodDisruptionBudgetSpec": {
        "unhealthyPodEvictionPolicy": ["IfHealthyBudget", "AlwaysAllow"]},
    SCALING + "HPAScalingPolicy": {"type": ["Pods", "Percent"]},
    SCALING + "HPAScalingRules": {"selectPolicy": ["Max", "Min", "Disabled"]},
    SCALING + "MetricSpec": {
        "type": ["ContainerResource", "External", "Object", "Pods", "Resource"]},
    SCALING + "MetricTarget": {"type": ["Utilization", "Value", "AverageValue"]},
}

# What these are on the wire, which "type: string" does not say.
SPECIAL = {
    META + "util.intstr.IntOrString": {"type": ["integer", "string"]},
    META + "api.resource.Quantity": {
        "type": ["number", "string"],
        "pattern": r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)"
                   r"([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$"},
}

DURATION = {"type": "string", "pattern": "^([0-9]+(ms|[smhdwy]))+$"}
# Of the Prometheus Operator's ServiceMonitor, which Kubernetes does not publish,
# the fields that are used here.
SERVICE_MONITOR = {
    "type": "object",
    "additionalProperties": False,
    "required": ["apiVersion", "kind", "metadata", "spec"],
    "properties": {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"$ref": f"#/definitions/{META}apis.meta.v1.ObjectMeta"},
        "spec": {
            "type": "object",
            "additionalProperties": False,
            "required": ["selector", "endpoints"],
            "properties": {
                "selector": {
                    "$ref": f"#/definitions/{META}apis.meta.v1.LabelSelector"},
                "endpoints": {"type": "array", "minItems": 1, "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["port"],
                    "properties": {
                        "port": {"type": "string"},
                        "path": {"type": "string"},
                        "interval": DURATION,
                        "scrapeTimeout": DURATION,
                        "scheme": {"enum": ["http", "https"]},
                    }}},
            }},
    },
}


def _strict(schema):
    """The same schema, in which an object has no property that it does not list."""
    if not isinstance(schema, dict):
        return schema
    if schema.get("x-kubernetes-int-or-string"):
        return SPECIAL[META + "util.intstr.IntOrString"]
    result = dict(schema)
    if "properties" in schema:
        result["properties"] = {
            name: _strict(value) for name, value in schema["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            result.setdefault("additionalProperties", False)
    for key in ("items", "additionalProperties"):
        if key in result:
            result[key] = _strict(result[key])
    if schema.get("format") == "int32":
        result.update(minimum=-(2**31), maximum=2**31 - 1)
    return result


def _unique(validator, keys, items, schema):
    """Of a list that is a map, no two items have the same key."""
    seen = []
    for item in items if isinstance(items, list) else []:
        # Ports are keyed by their protocol too, whose default is TCP.
        key = [item.get(k, "TCP" if k == "protocol" else None) for k in keys]
        if key in seen:
            yield jsonschema.ValidationError(f"two items with {keys} {key}")
        seen.append(key)


_Validator = jsonschema.validators.extend(
    jsonschema.Draft4Validator, {"x-kubernetes-list-map-keys": _unique})


class Schemas:
    """Of a parsed openapi.json."""

    def __init__(self, document):
        definitions = {name: _strict(schema)
                       for name, schema in document["definitions"].items()}
        definitions.update(SPECIAL)
        for name, fields in ENUMS.items():
            for field, values in fields.items():
                # A field that is not there any more is a KeyError: renamed?
                schema = definitions[name]["properties"][field]
                schema = schema.get("items", schema)
                schema["enum"] = values
        self._root = {"definitions": definitions}
        self._kinds = {("monitoring.coreos.com/v1", "ServiceMonitor"): SERVICE_MONITOR}
        for name, schema in definitions.items():
            for kind in schema.get("x-kubernetes-group-version-kind", []):
                version = "/".join(filter(None, (kind["group"], kind["version"])))
                self._kinds[version, kind["kind"]] = {"$ref": f"#/definitions/{name}"}

    def errors(self, obj):
        """What is wrong with it: a list of lines, empty if nothing is."""
        kind = (obj.get("apiVersion"), obj.get("kind"))
        if kind not in self._kinds:
            return [f"there is no {kind[1]} in {kind[0]}"]
        resolver = jsonschema.RefResolver("", self._root)
        found = _Validator(self._kinds[kind], resolver=resolver).iter_errors(obj)
        return [".".join(map(str, error.absolute_path)) + ": " + error.message
                for error in found]
