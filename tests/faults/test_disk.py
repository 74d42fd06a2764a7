"""What was acknowledged survives a power cut: seen from outside, by strace (on SQLite, whose
files are ours; PostgreSQL looks after its own)."""

import shutil
from pathlib import Path

import pytest

from parley.settings import ROOT
from tests.conftest import IN_CI
from tests.faults import disk
from tests.faults.places import SQLITE, server_on

pytestmark = pytest.mark.skipif(
    not shutil.which("strace") and not IN_CI, reason="strace is not installed"
)
SABOTAGED = f"{Path(__file__).with_name('sabotage')}:{ROOT / 'site'}"


def test_a_post_is_on_disk_before_it_is_acknowledged(tmp_path):
    with server_on(SQLITE, tmp_path) as server:
        assert disk.faults(disk.posts(server, tmp_path / "trace")) == []


def test_commits_that_do_not_wait_for_the_disk_are_found(tmp_path):
    with server_on(SQLITE, tmp_path, PYTHONPATH=SABOTAGED, SABOTAGE="unsafe") as server:
        found = disk.faults(disk.posts(server, tmp_path / "trace"))
    assert found.count("told before the commit was synced") == 20
