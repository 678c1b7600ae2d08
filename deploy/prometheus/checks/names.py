"""Which metrics and labels a PromQL expression uses, and whether a scrape has them.

Prometheus itself cannot say: a misspelt name selects nothing, which is no error.
"""

import re

# Not the server's own: Prometheus', and kube-state-metrics'.
FOREIGN = {"up": set(), "kube_deployment_status_replicas_unavailable": {"deployment"}}
# Added by the scrape.
OF_TARGETS = {"job", "instance"}
# Of the language, neither metrics nor functions.
WORDS = {"and", "or", "unless", "bool", "offset", "inf", "nan"}

_GROUPING = re.compile(
    r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_SELECTOR = re.compile(r"(?<![\w.])([a-zA-Z_:][\w:]*)\s*(\(|\{([^}]*)\})?")
_MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"')
_SAMPLE = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$")


def read_scrape(text):
    """The values of each label of each metric: {metric: {label: {value}}}."""
    metrics = {}
    for line in text.splitlines():
        sample = _SAMPLE.match(line)
        if line.startswith("#") or not sample:
            continue
        labels = metrics.setdefault(sample[1], {})
        for label, _, value in _MATCHER.findall(sample[2] or ""):
            labels.setdefault(label, set()).add(value)
    return metrics


def _literals(operator, value):
    """The values that a matcher names; none for a general regular expression."""
    if operator in ("=", "!="):
        return [value]
    values = value.split("|")
    return values if all(re.fullmatch(r"\w+", v) for v in values) else []


def faults(expression, metrics):
    """What the expression uses and the scrape has not: a list of lines."""
    found = []
    text = re.sub(r"\[[^]]*\]", "", expression)
    grouped = {label.strip() for labels in _GROUPING.findall(text)
               for label in labels.split(",") if label.strip()}
    known = set(OF_TARGETS)
    for name, suffix, matchers in _SELECTOR.findall(_GROUPING.sub(" ", text)):
        if suffix == "(" or name in WORDS:
            continue
        if name not in metrics and name not in FOREIGN:
            found.append(f"there is no metric {name}")
            continue
        labels = metrics.get(name, {})
        known |= set(labels) | FOREIGN.get(name, set())
        for label, operator, value in _MATCHER.findall(matchers):
            if label in OF_TARGETS | FOREIGN.get(name, set()):
                continue
            if label not in labels:
                found.append(f"{name} has no label {label}")
                continue
            found += [f'{name} has no {label}="{v}"'
                      for v in _literals(operator, value) if v not in labels[label]]
    return found + [f"no metric has a label {g}" for g in sorted(grouped - known)]


# Expressions with a fault, and what is to be said of it: the test of the above.
BROKEN = [
    ("mentiond_stream", "no metric mentiond_stream"),
    ("sum(rate(mentiond_poll_total[5m]))", "no metric mentiond_poll_total"),
    ('mentiond_streams{state="late"}', 'no state="late"'),
    ('mentiond_streams{status="live"}', "no label status"),
    ('grpc_server_handled_total{grpc_code=~"Internal|UNKNOWN"}', 'grpc_code="UNKNOWN"'),
    ("sum by (code) (rate(grpc_server_handled_total[5m]))", "has a label code"),
    ('mentiond_github_quota_remaining_ratio_bucket{le="0.15"}', 'le="0.15"'),
    ("histogram_quantile(0.9, sum by (le) (mentiond_delivery_bucket)) > 3", "no metric"),
    ("time() - process_start_seconds", "no metric process_start_seconds"),
]
