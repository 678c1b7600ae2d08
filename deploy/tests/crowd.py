"""All subscribers of a cluster, and whoever mentions them all the time."""

import asyncio
import collections
import itertools
import time

import grpc
import grpc.aio

import stubs
from github import GitHub
from settings import Settings
from subscriber import Subscriber

KINDS = {
    "comments": stubs.messages.SOURCE_PULL_REQUEST_COMMENT,
    "review_comments": stubs.messages.SOURCE_REVIEW_COMMENT,
    "reviews": stubs.messages.SOURCE_REVIEW,
}
# Pull requests of the corpus that they are written in, in turn.
PULLS = (762, 817, 852, 866, 870)


class Crowd:
    def __init__(self, settings: Settings, github: GitHub, addresses: list[str],
                 credentials: grpc.ChannelCredentials | None):
        """Each stream goes to the next of these addresses."""
        self._settings = settings
        self._github = github
        self._tasks: list[asyncio.Task] = []
        self._writing = None
        self.written: list[tuple[int, int]] = []  # source, id
        self.subscribers: list[Subscriber] = []
        self._channels = [self.channel(address, credentials) for address in addresses]
        channels = itertools.cycle(self._channels)
        for token in range(settings.tokens):
            for user in settings.users:
                self.subscribers.append(Subscriber(
                    channels, settings.repo, user, f"ghp_cluster_{token}",
                    settings.silence_seconds))

    @staticmethod
    def channel(address, credentials):
        options = (
            # Connections of their own: else all channels share one.
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.max_reconnect_backoff_ms", 1000),
            ("grpc.ssl_target_name_override", "proxy"))
        if credentials is None:
            return grpc.aio.insecure_channel(address, options=options[:-1])
        return grpc.aio.secure_channel(address, credentials, options=options)

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(s.run()) for s in self.subscribers]
        self._tasks.append(asyncio.create_task(self._watch()))
        await asyncio.wait_for(
            asyncio.gather(*(s.synced.wait() for s in self.subscribers)), 240)

    async def _watch(self) -> None:
        while True:
            for subscriber in self.subscribers:
                subscriber.watch()
            await asyncio.sleep(0.5)

    def check(self) -> None:
        """Throws what ended a subscriber or the writing, if anything did."""
        for task in (*self._tasks, self._writing):
            if task is not None and task.done() and not task.cancelled():
                task.result()

    def begin_writing(self) -> None:
        self._writing = asyncio.create_task(self._write())

    async def end_writing(self) -> None:
        self._writing.cancel()
        try:
            await self._writing
        except asyncio.CancelledError:
            pass

    async def _write(self) -> None:
        """A mention of everybody every second."""
        body = " ".join(f"@{user}" for user in self._settings.users)
        number = 0
        due = time.monotonic()
        while True:
            kind = list(KINDS)[number % len(KINDS)]
            # Once it is sent it may be there: it is written down in any case.
            item = asyncio.create_task(self._github.add(kind, {
                "pull": PULLS[number % len(PULLS)], "author": "mona",
                "body": f"{body} number {number}"}))
            try:
                await asyncio.shield(item)
            finally:
                self.written.append((KINDS[kind], await item))
            number += 1
            due += 1.0
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def lost_after(self, patience: float) -> int:
        """How much of what has been written until now somebody has not got when
        all have, or after so many seconds."""
        written = list(self.written)
        deadline = time.monotonic() + patience
        while True:
            self.check()
            lost = self._lost(written)
            if not lost or time.monotonic() > deadline:
                return lost
            await asyncio.sleep(0.5)

    def _lost(self, written: list[tuple[int, int]]) -> int:
        lost = 0
        for subscriber in self.subscribers:
            has = {key[:2] for key in subscriber.delivered}
            lost += sum(key not in has for key in written)
        return lost

    def repeated(self) -> int:
        return sum(times - 1 for s in self.subscribers for times in s.delivered.values())

    def history(self) -> dict[str, list]:
        """Of each user, what was there before anything was written."""
        written = set(self.written)
        return {s.user: sorted(key for key in s.delivered if key[:2] not in written)
                for s in self.subscribers}

    def lost_of_history(self, expected: dict[str, list]) -> int:
        lost = 0
        for subscriber in self.subscribers:
            lost += sum(tuple(key) not in subscriber.delivered for key in expected[subscriber.user])
        return lost

    def streams(self) -> list[int]:
        """How many each subscriber has opened, attempts included."""
        return [s.streams for s in self.subscribers]

    def ends(self) -> collections.Counter:
        return sum((s.ends for s in self.subscribers), collections.Counter())

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for channel in self._channels:
            await channel.close()
