"""The stand-in GitHub's control API (tests/fake_github/README.md)."""

import asyncio
import json
import time
import urllib.request


class GitHub:
    def __init__(self, url: str, repo: str):
        self.url = url
        self.repo = repo

    async def _call(self, method: str, path: str, fields: dict | None = None) -> dict:
        def call():
            request = urllib.request.Request(
                f"{self.url}/_control{path}", method=method,
                data=None if fields is None else json.dumps(fields).encode(),
                headers={"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        return await asyncio.to_thread(call)

    async def until_ready(self) -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                await self._call("GET", "/stats")
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.1)

    async def add(self, kind: str, fields: dict) -> int:
        """Adds a comment, review_comment or review; returns its id."""
        return (await self._call("POST", f"/repos/{self.repo}/{kind}", fields))["id"]

    async def requests(self) -> int:
        """How many there have been, those to the control API not counted."""
        return (await self._call("GET", "/stats"))["requests"]


class Rate:
    """Requests a second, from its making on."""

    def __init__(self, github: GitHub, before: int):
        self._github = github
        self._before = before
        self._began = time.monotonic()

    @staticmethod
    async def begin(github: GitHub) -> "Rate":
        return Rate(github, await github.requests())

    async def end(self) -> float:
        requests = await self._github.requests() - self._before
        return requests / (time.monotonic() - self._began)
