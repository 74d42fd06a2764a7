"""Every setting: its default, what is refused, and the secret that is made once."""

import dataclasses
from pathlib import Path

import pytest

from parley.settings import ROOT, BadSetting, Settings
from tests.meeting import at_once


def chosen(**environment: str) -> Settings:
    return Settings.from_environment(
        {f"PARLEY_{name.upper()}": value for name, value in environment.items()}
    )


def test_every_default():
    assert dataclasses.asdict(chosen()) == {
        "data": ROOT / "instance",
        "host": "127.0.0.1",
        "port": 8080,
        "database": f"sqlite:///{ROOT}/instance/parley.db",
        "hold": 25.0,
        "hold_per_login": 4,
        "hold_max": 15_000,
        "workers": 1,
        "url": "",
        "secret": "",
        "photo_mb": 16,
        "file_mb": 100,
        "quota_gb": 0,
    }


def test_every_setting_is_read_from_the_environment(tmp_path):
    environment = {
        "data": str(tmp_path),
        "host": "::1",
        "port": "443",
        "database": "postgresql://ann@db.example.org:5433/parley",
        "hold": "0",
        "hold_per_login": "3",
        "hold_max": "7",
        "workers": "2",
        "url": "https://chat.example.org",
        "secret": "between us",
        "photo_mb": "20",
        "file_mb": "500",
        "quota_gb": "2.5",
    }
    assert environment.keys() == Settings.__dataclass_fields__.keys()
    read = dataclasses.asdict(chosen(**environment))
    assert {name: str(value) for name, value in read.items()} == environment | {"hold": "0.0"}


def test_empty_and_blank_settings_keep_their_default():
    assert chosen(port="", hold="  ", url=" ") == chosen()


def test_a_command_s_own_default_gives_way_to_the_environment():
    assert Settings.from_environment({}, host="0.0.0.0").host == "0.0.0.0"
    assert Settings.from_environment({"PARLEY_HOST": "::1"}, host="0.0.0.0").host == "::1"


def test_the_database_lives_in_the_data_folder(tmp_path):
    assert Settings(data=tmp_path).database == f"sqlite:///{tmp_path}/parley.db"


def test_a_relative_data_folder_is_made_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert chosen(data="here").data == tmp_path / "here"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("port", "eighty", "PARLEY_PORT='eighty' is not a number."),
        ("port", "80.5", "PARLEY_PORT='80.5' is not a number."),
        ("port", "0", "PARLEY_PORT is between 1 and 65535."),
        ("port", "65536", "PARLEY_PORT is between 1 and 65535."),
        ("port", "-1", "PARLEY_PORT is between 1 and 65535."),
        ("hold", "long", "PARLEY_HOLD='long' is not a number."),
        ("hold", "-1", "PARLEY_HOLD is between 0 and 55 seconds: proxies cut at 60."),
        ("hold", "56", "PARLEY_HOLD is between 0 and 55 seconds: proxies cut at 60."),
        ("hold", "nan", "PARLEY_HOLD is between 0 and 55 seconds: proxies cut at 60."),
        ("hold", "inf", "PARLEY_HOLD is between 0 and 55 seconds: proxies cut at 60."),
        (
            "hold_per_login",
            "0",
            "PARLEY_HOLD_PER_LOGIN is 1 or more, PARLEY_HOLD_MAX 0 or more.",
        ),
        ("workers", "0", "PARLEY_WORKERS is between 1 and PARLEY_HOLD_PER_LOGIN."),
        ("workers", "2", "PARLEY_WORKERS is 1 on SQLite: several need PARLEY_DATABASE."),
        ("hold_max", "many", "PARLEY_HOLD_MAX='many' is not a number."),
        ("hold_max", "-1", "PARLEY_HOLD_PER_LOGIN is 1 or more, PARLEY_HOLD_MAX 0 or more."),
        ("hold_per_login", "1.5", "PARLEY_HOLD_PER_LOGIN='1.5' is not a number."),
        ("hold_per_login", "-1", "PARLEY_HOLD_PER_LOGIN is 1 or more, PARLEY_HOLD_MAX 0 or more."),
        *(
            (name, value, "PARLEY_PHOTO_MB and PARLEY_FILE_MB are between 1 and 2000.")
            for name in ("photo_mb", "file_mb")
            for value in ("0", "2001", "-1")
        ),
        ("file_mb", "1.5", "PARLEY_FILE_MB='1.5' is not a number."),
        ("quota_gb", "-1", "PARLEY_QUOTA_GB is 0 (no quota) or more."),
        ("quota_gb", "nan", "PARLEY_QUOTA_GB is 0 (no quota) or more."),
        *(
            ("url", url, f"PARLEY_URL={url.rstrip('/')!r} is not like https://chat.example.org.")
            for url in (
                "chat.example.org",
                "ftp://chat.example.org",
                "http://",
                "http://[::1",
                "https://chat example.org",
                "https://chat.example.org:99999",
                "https://chat.example.org/below",
                "https://chat.example.org?a=b",
            )
        ),
        *(
            ("database", url, "PARLEY_DATABASE begins with postgresql:// (or sqlite:///).")
            for url in ("mysql://db/parley", "parley.db", "postgres://db/parley", "sqlite://")
        ),
        (
            "database",
            "postgresql://db:port/parley",
            "PARLEY_DATABASE begins with postgresql:// (or sqlite:///).",
        ),
        *(
            (
                "database",
                url,
                "PARLEY_DATABASE names no file: what is written would be lost.",
            )
            for url in ("sqlite:///", "sqlite:///:memory:")
        ),
    ],
)
def test_a_bad_value_is_refused_with_a_sentence(name, value, sentence):
    with pytest.raises(BadSetting) as refused:
        chosen(**{name: value})
    assert str(refused.value) == sentence


def test_the_largest_request_is_ten_of_the_largest_files_and_the_form_around_them():
    assert chosen().largest_request == 1010 * 2**20
    assert chosen(photo_mb="16", file_mb="16").largest_request == 170 * 2**20
    assert chosen(photo_mb="300").largest_request == 3010 * 2**20


@pytest.mark.parametrize(
    ("url", "kept", "secure"),
    [
        ("https://chat.example.org/", "https://chat.example.org", True),
        ("http://10.0.0.5:8080", "http://10.0.0.5:8080", False),
        ("https://[2001:db8::1]", "https://[2001:db8::1]", True),
        ("", "", False),
    ],
)
def test_the_public_address_says_whether_it_is_https(url, kept, secure):
    settings = chosen(url=url)
    assert (settings.url, settings.secure) == (kept, secure)


def test_the_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    settings = Settings(data=tmp_path / "new")
    secret = settings.signing_secret()
    path = tmp_path / "new" / "secret"
    assert len(secret) >= 43  # 256 random bits
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert settings.signing_secret() == secret == Settings(data=tmp_path / "new").signing_secret()
    assert Settings(data=tmp_path / "other").signing_secret() != secret


def test_processes_that_start_at_once_share_one_secret(tmp_path):
    settings = Settings(data=tmp_path)
    answers = set(map(str, at_once(*[settings.signing_secret] * 6)))
    # Who reads while it is being written is refused; nobody ever signs with half of one.
    assert answers <= {settings.signing_secret(), empty_sentence(tmp_path)}


def test_an_empty_secret_is_never_signed_with(tmp_path):
    (tmp_path / "secret").write_text("\n")
    with pytest.raises(BadSetting) as refused:
        Settings(data=tmp_path).signing_secret()
    assert str(refused.value) == empty_sentence(tmp_path)


def test_a_secret_from_outside_is_not_written_down(tmp_path):
    assert Settings(data=tmp_path, secret="between us").signing_secret() == "between us"
    assert list(tmp_path.iterdir()) == []


def empty_sentence(folder: Path) -> str:
    return f"{folder / 'secret'} is empty. Remove it, and a new one is made."
