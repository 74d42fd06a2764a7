"""Every setting of Parley, its default and its environment variable. README.md explains them."""

import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]


class BadSetting(ValueError):
    """A setting has a value that cannot be used; the message says which and why."""


@dataclass(frozen=True)
class Settings:
    """What can be chosen from outside, as PARLEY_<NAME> in the environment."""

    data: Path = ROOT / "instance"
    host: str = "127.0.0.1"
    port: int = 8080
    database: str = ""
    hold: float = 25.0
    hold_per_login: int = 4
    hold_max: int = 15_000
    workers: int = 1
    url: str = ""
    secret: str = ""
    photo_mb: int = 16
    file_mb: int = 100
    quota_gb: float = 0

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] = os.environ, **defaults
    ) -> "Settings":
        """Read the environment; what is not set there keeps its default.

        Raises BadSetting with a sentence that names the variable.
        """
        for name, kind in cls.__annotations__.items():
            variable = f"PARLEY_{name.upper()}"
            if text := environment.get(variable, "").strip():
                try:
                    defaults[name] = kind(text)
                except ValueError:
                    raise BadSetting(f"{variable}={text!r} is not a number.") from None
        return cls(**defaults)

    def __post_init__(self):
        object.__setattr__(self, "data", Path(self.data).resolve())
        object.__setattr__(self, "url", self.url.rstrip("/"))
        if self.url and not _is_like(r"https?://[^\s/?#@:][^\s/?#@]*", self.url):
            raise BadSetting(f"PARLEY_URL={self.url!r} is not like https://chat.example.org.")
        if not self.database:
            object.__setattr__(self, "database", f"sqlite:///{self.data / 'parley.db'}")
        elif not _is_like(r"(sqlite:///|postgresql://).*", self.database):
            raise BadSetting("PARLEY_DATABASE begins with postgresql:// (or sqlite:///).")
        elif self.database in ("sqlite:///", "sqlite:///:memory:"):
            raise BadSetting("PARLEY_DATABASE names no file: what is written would be lost.")
        if not 0 <= self.hold <= 55:
            raise BadSetting("PARLEY_HOLD is between 0 and 55 seconds: proxies cut at 60.")
        if not 0 < self.port < 65_536:
            raise BadSetting("PARLEY_PORT is between 1 and 65535.")
        if self.hold_per_login < 1 or self.hold_max < 0:
            raise BadSetting("PARLEY_HOLD_PER_LOGIN is 1 or more, PARLEY_HOLD_MAX 0 or more.")
        if self.workers > 1 and self.database.startswith("sqlite:"):
            raise BadSetting("PARLEY_WORKERS is 1 on SQLite: several need PARLEY_DATABASE.")
        if not 1 <= self.workers <= self.hold_per_login:
            raise BadSetting("PARLEY_WORKERS is between 1 and PARLEY_HOLD_PER_LOGIN.")
        if not (1 <= self.photo_mb <= 2000 and 1 <= self.file_mb <= 2000):
            raise BadSetting("PARLEY_PHOTO_MB and PARLEY_FILE_MB are between 1 and 2000.")
        if not 0 <= self.quota_gb < 1e9:
            raise BadSetting("PARLEY_QUOTA_GB is 0 (no quota) or more.")

    @property
    def largest_request(self) -> int:
        """Bytes: ten files, and the form around them."""
        return (10 * max(self.photo_mb, self.file_mb) + 10) * 2**20

    @property
    def secure(self) -> bool:
        """Whether browsers reach this server through https."""
        return self.url.startswith("https://")

    def signing_secret(self) -> str:
        """The secret that signs, made at first start and kept in the data folder, mode 0600."""
        if self.secret:
            return self.secret
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.data / "secret"
        with suppress(FileExistsError):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(32))
                file.flush()
                os.fsync(handle)
        if kept := path.read_text().strip():
            return kept
        raise BadSetting(f"{path} is empty. Remove it, and a new one is made.")


def _is_like(pattern: str, url: str) -> bool:
    """Whether it fits the pattern, and its host and port can be read."""
    try:
        return bool(re.fullmatch(pattern, url)) and urlsplit(url).port != 0
    except ValueError:  # brackets without end, a port that is no number
        return False
