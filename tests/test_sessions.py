"""Sessions as files: which settings make them safe, and which files go."""

from datetime import timedelta

import pytest

from parley.store import sessions


@pytest.fixture
def folder(tmp_path):
    """Where sessions are."""
    return tmp_path / "sessions"


def test_the_folder_is_for_its_owner_alone(folder):
    sessions.settings(folder, False)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_cookie_is_hidden_from_scripts_and_other_sites(folder):
    said = sessions.settings(folder, True)
    assert said["SESSION_COOKIE_HTTPONLY"] is True
    assert said["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert said["SESSION_COOKIE_SECURE"] is True
    assert sessions.settings(folder, False)["SESSION_COOKIE_SECURE"] is False


def test_a_session_is_not_written_again_by_whoever_answers_last(folder):
    assert sessions.settings(folder, False)["SESSION_REFRESH_EACH_REQUEST"] is False


def test_a_session_lasts_as_long_as_a_cookie_can(folder):
    said = sessions.settings(folder, False)
    assert said["SESSION_PERMANENT"] is True
    assert said["PERMANENT_SESSION_LIFETIME"] == timedelta(days=400)


def test_many_sessions_are_kept_each_in_a_file_of_its_own(folder):
    cache = sessions.settings(folder, False)["SESSION_CACHELIB"]
    for number in range(600):  # the cache's own default forgets some beyond 500
        cache.set(f"session {number}", {"login": str(number)}, 60)
    assert all(cache.get(f"session {n}") == {"login": str(n)} for n in range(600))
    assert len(list(folder.iterdir())) == 600
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
