"""What a run of the cluster test is given, and how large it is."""

import dataclasses


@dataclasses.dataclass
class Settings:
    image: str  # of mentiond
    proxies_image: str  # with Debian's HAProxy and nginx
    fake_github: str  # the program, outside containers
    corpus: str  # the directory of real data
    repo: str = "bitcoin-core/gui"
    tokens: int = 30
    streams_per_token: int = 10
    # Shorter than in production by the same factor, so that a stream age
    # passes in seconds.
    poll_seconds: int = 2
    stream_age_seconds: int = 20
    # A server that says nothing for that long is dead to its clients.
    silence_seconds: int = 10
    # Connections to a proxy: with 150 streams each, more than its default limit.
    connections: int = 2

    @property
    def users(self) -> list[str]:
        """One for each stream of a token: who is mentioned most in the corpus,
        and others whom nothing mentions until the test does."""
        known = ["hebasto", "jarolrod", "luke-jr", "promag", "Sjors"]
        return [*known, *(f"subscriber-{i}" for i in range(self.streams_per_token - len(known)))]
