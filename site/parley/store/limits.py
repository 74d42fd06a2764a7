"""How many wrong tries are too many. Kept in memory: a restart forgives."""

import threading
import time
from collections import deque

from cachetools import FIFOCache

from parley.store.errors import TooQuick


class Limit:
    """At most `most` misses for one key within `seconds`; successes are never counted.

    Of more than `keys` keys, those are forgotten that missed longest ago.
    """

    def __init__(self, most: int, seconds: float, clock=time.monotonic, keys: int = 10_000):
        self.most, self.seconds, self._clock = most, seconds, clock
        self._misses: FIFOCache[str, deque[float]] = FIFOCache(keys)
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
            misses = self._recent(key)
            misses.append(self._clock())
            self._misses[key] = misses  # the last from now on

    def _recent(self, key: str) -> deque[float]:
        misses = self._misses.get(key, deque())
        while misses and misses[0] <= self._clock() - self.seconds:
            misses.popleft()
        return misses
