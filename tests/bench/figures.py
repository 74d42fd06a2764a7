"""A measured figure, with what it is to reach and what stood beside it in the same run."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`measured` and `beside` are in `unit`; `ratio` is that of the two.

    `most` is the target of the measured value, `ratio_most` or `ratio_least` that of the ratio.
    `busy` is the load client's share of a core while it was measured.
    """

    what: str
    measured: float
    unit: str
    most: float | None = None
    reference: str = ""
    beside: float | None = None
    ratio_most: float | None = None
    ratio_least: float | None = None
    busy: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Of the measured value to the reference."""
        return self.measured / self.beside if self.beside else None

    @property
    def is_reached(self) -> bool | None:
        """Whether all targets are reached; None for a figure without one."""
        ratio, found = self.ratio or 0.0, []
        if self.most is not None:
            found.append(self.measured <= self.most)
        if self.ratio_most is not None:
            found.append(ratio <= self.ratio_most)
        if self.ratio_least is not None:
            found.append(ratio >= self.ratio_least)
        return all(found) if found else None
