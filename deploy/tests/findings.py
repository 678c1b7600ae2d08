"""What the tests print: one line for each, which deploy/test makes a table of."""

import dataclasses


@dataclasses.dataclass
class Finding:
    name: str
    value: str
    good: bool

    def passed(self) -> bool:
        return self.good

    def columns(self) -> tuple[str, ...]:
        return (self.name, self.value)


@dataclasses.dataclass
class Result:
    """Of one scenario, of all subscribers together."""

    name: str
    lost: int
    repeated: int
    opened: list[int]  # streams, attempts included, by each subscriber
    ratio: float  # of requests, to what one replica sends
    at_most: float

    def passed(self) -> bool:
        return self.lost == 0 and self.repeated == 0 and self.ratio <= self.at_most

    def columns(self) -> tuple[str, ...]:
        stayed, once = self.opened.count(0), self.opened.count(1)
        return (self.name, str(self.lost), str(self.repeated),
                f"{stayed} / {once} / {len(self.opened) - stayed - once}",
                f"{self.ratio:.2f} (at most {self.at_most})")
