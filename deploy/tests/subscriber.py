"""A subscriber as docs/clients.md describes it: it resumes with the last token,
waits as RetryInfo says, and takes a server that it hears nothing of for dead.
It counts how often each version of each mention was delivered."""

import asyncio
import collections
import random
import time
from collections.abc import Iterator

import grpc
import grpc.aio

import stubs

RETRIED = {
    grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.CANCELLED, grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL,
    grpc.StatusCode.ABORTED, grpc.StatusCode.DEADLINE_EXCEEDED}


class Subscriber:
    def __init__(self, channels: Iterator[grpc.aio.Channel], repo: str, user: str,
                 token: str, silence: float):
        """Each stream takes the next channel. `silence`: after how many seconds
        of it a server is dead."""
        self._channels = channels
        self._request = stubs.messages.SubscribeRequest(repo=repo, user=user)
        self._metadata = (("authorization", f"Bearer {token}"),)
        self._silence = silence
        self._call = None
        self._heard = 0.0
        self._deaf = False
        self.user = user
        # (source, id, updated_at) -> times.
        self.delivered: collections.Counter = collections.Counter()
        self.synced = asyncio.Event()
        self.streams = 0
        self.ends: collections.Counter = collections.Counter()

    def watch(self) -> None:
        """Ends a stream that has been silent for too long. Call it often."""
        # A history may take any time.
        if (self.synced.is_set() and self._call is not None
                and time.monotonic() - self._heard > self._silence):
            self._deaf = True
            self._call.cancel()

    async def run(self) -> None:
        failures = 0
        while True:
            wait, heard = await self._stream()
            failures = 0 if heard else failures + 1
            backoff = random.uniform(0.5, 1.0) * min(5.0, 0.2 * 2 ** min(failures, 6))
            await asyncio.sleep(max(wait, backoff))

    async def _stream(self) -> tuple[float, bool]:
        """One stream. How long to wait, and whether something was received."""
        self.streams += 1
        self._deaf = False
        self._heard = time.monotonic()
        stub = stubs.service.MentionServiceStub(next(self._channels))
        call = self._call = stub.Subscribe(self._request, metadata=self._metadata)
        heard = False
        try:
            while True:
                response = await call.read()
                if response is grpc.aio.EOF:
                    break
                heard = True
                self._take(response)
            code, wait = await call.code(), stubs.retry_delay(await call.trailing_metadata())
        except grpc.aio.AioRpcError as error:
            code, wait = error.code(), stubs.retry_delay(error.trailing_metadata())
        except asyncio.CancelledError:
            # Of the call, by watch(), or of this task.
            if not self._deaf or asyncio.current_task().cancelling():
                raise
            code, wait = grpc.StatusCode.CANCELLED, 0.0
        finally:
            self._call = None
            call.cancel()
        self.ends["silence" if self._deaf else code.name] += 1
        if code not in RETRIED:
            raise RuntimeError(f"the stream of {self.user} ended for good: {code}")
        return wait, heard

    def _take(self, response) -> None:
        self._heard = time.monotonic()
        if response.resume_token:
            self._request.resume_token = response.resume_token
        event = response.WhichOneof("event")
        if event == "mention":
            mention = response.mention
            self.delivered[(mention.source, mention.id,
                            mention.updated_at.seconds)] += 1
        elif event == "synced":
            self.synced.set()
