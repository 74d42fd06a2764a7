"""How many wrong tries are too many. Kept in memory: a restart forgives."""

import threading
import time
from collections import deque

from parley.store.errors import TooQuick


class Limit:
    """At most `most` misses for one key within `seconds`; successes are never counted."""

    def __init__(self, most: int, seconds: float, clock=time.monotonic):
        self.most, self.seconds, self._clock = most, seconds, clock
        self._misses: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def check(self, key: str) -> None:
        """Raise TooQuick while the key has missed too often."""
        with self._lock:
            misses = self._recent(key)
            if len(misses) >= self.most:
                wait = int(misses[0] + self.seconds - self._clock()) + 1
                words = f"{wait} seconds" if wait <= 60 else f"{-(-wait // 60)} minutes"
                raise TooQuick(f"That was often wrong. Try again in {words}.", wait)

    def miss(self, key: str) -> None:
        """Count one."""
        with self._lock:
            self._recent(key).append(self._clock())

    def _recent(self, key: str) -> deque[float]:
        if len(self._misses) > 10_000:  # names that nobody has cannot fill the memory
            self._misses.clear()
        misses = self._misses.setdefault(key, deque())
        while misses and misses[0] <= self._clock() - self.seconds:
            misses.popleft()
        return misses
