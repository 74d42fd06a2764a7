"""Who waits for news of a room hears here that there is some.

A notice is speed only: the database is the truth, and whoever missed a notice finds the
change there within a second.
"""

from collections.abc import Callable

Hearer = Callable[[int, int], object]
ALL = 0  # in place of a room: whose tickets are void


class Bulletin:
    """Notices within this process."""

    def __init__(self):
        self._hearers: list[Hearer] = []

    def listen(self, hear: Hearer) -> None:
        """Call `hear(room_id, revision)` for every change, from the thread that made it.

        A revocation is heard as `hear(ALL, number)`.
        """
        self._hearers.append(hear)

    def changed(self, room_id: int, revision: int) -> None:
        """Say that a room is at a revision: after the commit, never before."""
        for hear in self._hearers:
            hear(room_id, revision)

    def revoked(self, number: int) -> None:
        """Say that tickets are void: after the commit, never before."""
        self.changed(ALL, number)
