"""Whether the tests of the alerts know the alerts' thresholds: with each threshold
half as high again a test of it has to fail, as with two thirds of it."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import yaml

_COMPARED = re.compile(r"> ([0-9.]+)\s*$")


def run_tests(directory):
    """Of promtool: whether all tests passed, and what it printed."""
    # It makes a database for each case, which is slow on a disk.
    temporary = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    environment = {**os.environ, **({"TMPDIR": temporary} if temporary else {})}
    done = subprocess.run(
        ["promtool", "test", "rules", "alerts_test.yml"], cwd=directory, text=True,
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode == 0, done.stdout


def _changed(expression, factor):
    threshold = _COMPARED.search(expression)
    if threshold and float(threshold[1]) > 0:
        changed = float(threshold[1]) * factor
        return expression[:threshold.start()] + f"> {changed:g}"
    # Nothing to multiply: never, and always.
    return "vector(0) > 1" if factor > 1 else "vector(1)"


def unnoticed(directory, factor):
    """The names of the alerts whose tests pass although all thresholds have been
    multiplied by the factor."""
    with tempfile.TemporaryDirectory() as copy:
        shutil.copy(Path(directory) / "alerts_test.yml", copy)
        document = yaml.safe_load((Path(directory) / "alerts.yml").read_text())
        rules = [rule for group in document["groups"] for rule in group["rules"]]
        for rule in rules:
            rule["expr"] = _changed(rule["expr"], factor)
        (Path(copy) / "alerts.yml").write_text(yaml.safe_dump(document))
        _, output = run_tests(copy)
    failed = set(re.findall(r'expr: "ALERTS\{alertname=\\"(\w+)', output))
    return [rule["alert"] for rule in rules if rule["alert"] not in failed]
