"""Whether the dashboard is one that Grafana shows as it is meant."""

KINDS = {"row", "stat", "timeseries", "heatmap", "bargauge"}
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH = 24


def _cells(panel):
    at = panel["gridPos"]
    return {(x, y) for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])}


def _panel_faults(panel):
    name = panel["title"]
    if panel["type"] not in KINDS:
        yield f'{name}: a panel of kind {panel["type"]}'
    if panel["gridPos"]["x"] + panel["gridPos"]["w"] > WIDTH:
        yield f"{name}: wider than the page"
    if panel["type"] == "row":
        return
    if not panel.get("description"):
        yield f"{name}: no description"
    if "unit" not in panel["fieldConfig"]["defaults"]:
        yield f"{name}: no unit"
    if not panel["targets"]:
        yield f"{name}: no query"
    refs = [target["refId"] for target in panel["targets"]]
    if len(set(refs)) != len(refs):
        yield f"{name}: two queries are called the same"
    for part in [panel] + panel["targets"]:
        if part["datasource"] != SOURCE:
            yield f"{name}: not from the chosen data source"
    for target in panel["targets"]:
        # Every selector has both, or the panel mixes in other jobs.
        expression = target["expr"]
        if expression.count('job=~"$job", instance=~"$instance"') != (
                expression.count("{")):
            yield f"{name}: not of the chosen job and replica"


def faults(dashboard):
    variables = {v["name"]: v for v in dashboard["templating"]["list"]}
    if set(variables) != {"datasource", "job", "instance"}:
        yield f"variables {sorted(variables)}"
    if variables["datasource"]["type"] != "datasource":
        yield "the data source cannot be chosen"
    taken = set()
    ids = [panel["id"] for panel in dashboard["panels"]]
    if len(set(ids)) != len(ids):
        yield "two panels have one id"
    for panel in dashboard["panels"]:
        if taken & _cells(panel):
            yield f'{panel["title"]}: on top of another panel'
        taken |= _cells(panel)
        yield from _panel_faults(panel)
