"""The objects that kustomize renders of one directory, and how to look into them."""

import shutil
import subprocess

import yaml


def find_kustomize():
    """The command that renders a directory; None without one."""
    if shutil.which("kustomize"):
        return ["kustomize", "build"]
    if shutil.which("kubectl"):
        return ["kubectl", "kustomize"]
    return None


def render(kustomize, directory):
    text = subprocess.run(kustomize + [directory], check=True,
                          stdout=subprocess.PIPE).stdout
    return Objects(yaml.safe_load_all(text))


class Objects:
    def __init__(self, objects):
        self.all = list(objects)

    def of(self, kind):
        return [o for o in self.all if o["kind"] == kind]

    def one(self, kind):
        found = self.of(kind)
        assert len(found) == 1, f"{len(found)} objects of kind {kind}"
        return found[0]

    @property
    def pod(self):
        """The template of the pods: with metadata and spec."""
        return self.one("Deployment")["spec"]["template"]

    @property
    def container(self):
        return self.pod["spec"]["containers"][0]

    @property
    def settings(self):
        """The server's environment."""
        return self.one("ConfigMap")["data"]

    def ports(self):
        """The numbers of the container's ports, by name."""
        return {p["name"]: p["containerPort"] for p in self.container["ports"]}


def selects(selector, labels):
    """Whether a selector with matchLabels, and not an empty one, has the labels."""
    wanted = selector.get("matchLabels", {})
    return bool(wanted) and wanted.items() <= labels.items()


def name_of(obj):
    return f'{obj["kind"]}/{obj["metadata"]["name"]}'
