"""Backups: what was said is there again, and a damaged one changes nothing."""

import json
import os
import subprocess
import sys
import tarfile
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from parley import create_app
from parley.settings import ROOT, Settings
from parley.store import backups, doctor, migrate, tables
from parley.store.db import Database
from parley.talk import feed, messages, people, revocations, rooms, spaces
from parley.talk.uploads import Upload
from parley.web import parts
from tests.corpus import picture
from tests.test_migrate import older_parley
from tests.visitor import HTMX, Visitor, fill, soup


@pytest.fixture
def full(ann: Visitor, bob: Visitor) -> Visitor:
    """Ann, after a talk with a photo, an edit and a deletion."""
    ann.posts("with a photo", ("beach.png", picture("png")))
    bob.edits(bob.posts("frist"), "first")
    bob.deletes(bob.posts("oops"))
    return ann


def dump(database: Database) -> dict[str, list]:
    """Every row of every table."""
    with database.reading() as c:
        return {
            name: [tuple(row) for row in c.execute(select(table).order_by(table.c.id))]
            for name, table in tables.metadata.tables.items()
        }


def whole(dumped: dict[str, list]) -> dict[str, list]:
    """Without what a restore changes on purpose."""
    rest = {name: rows for name, rows in dumped.items() if name not in ("revocations", "space")}
    revision = list(tables.rooms.c.keys()).index("revision")
    rest["rooms"] = [row[:revision] + row[revision + 1 :] for row in rest["rooms"]]
    return rest


def revision(dumped: dict[str, list]) -> int:
    """Of the Lobby."""
    return dumped["rooms"][0][list(tables.rooms.c.keys()).index("revision")]


def test_everything_is_there_again_and_twice_the_same(app, full, tmp_path):
    its, file = parts(app), tmp_path / "backup.tar"
    before = dump(its.db)
    backups.make(its.db, its.settings.data, file)
    assert file.stat().st_mode & 0o777 == 0o600
    full.posts("after the backup")
    backups.restore(its.db, its.settings.data, file)
    first = dump(its.db)
    assert whole(first) == whole(before)
    backups.restore(its.db, its.settings.data, file)
    again = dump(its.db)
    assert whole(again) == whole(first)
    assert revision(again) > revision(first), "pages of the first one are behind, too"
    version = list(tables.space.c.keys()).index("people_version")
    assert again["space"][0][version] > first["space"][0][version] > before["space"][0][version]
    assert again["space"] != first["space"], "and its tickets void"
    assert not list(doctor.findings(its.db, its.settings.data))


def test_into_an_empty_place_with_its_files_sessions_and_secret(app, full, database, tmp_path):
    its, file, other = parts(app), tmp_path / "backup.tar", tmp_path / "other"
    backups.make(its.db, its.settings.data, file)
    backups.restore(database, other, file)
    assert whole(dump(database)) == whole(dump(its.db))
    there = {path.name: path.read_bytes() for path in (other / "files").glob("??/*")}
    assert there == {p.name: p.read_bytes() for p in (its.settings.data / "files").glob("??/*")}
    assert there
    assert sorted(p.name for p in (other / "sessions").iterdir()) == sorted(
        p.name for p in (its.settings.data / "sessions").iterdir()
    )
    with database.writing() as c:  # ids go on where they were
        room = rooms.find(c, 1)
        person = people.get(c, feed.newest(c, room).messages[0].author_id)
        new = messages.post(c, room, person, messages.draft("goes on", ""))
    assert new.id == 4


def test_one_of_the_other_database_fits_too(meeting, database, tmp_path):
    file = tmp_path / "backup.tar"
    backups.make(database, tmp_path / "here", file)
    with closing(Database(f"sqlite:///{tmp_path / 'fresh.db'}")) as fresh:
        migrate.upgrade(fresh)
        backups.restore(fresh, tmp_path / "there", file)
        assert whole(dump(fresh)) == whole(dump(database))


def test_no_photo_gets_the_address_of_one_that_was_lost(meeting, tmp_path):
    """Browsers keep it under that for a year."""
    file = tmp_path / "backup.tar"
    one = Upload("a.txt", "text/plain", 1, "0" * 64, "")
    backups.make(meeting.db, tmp_path / "here", file)  # with no file in it
    given = set()
    for _ in range(3):
        [sent] = meeting.says(meeting.ann, "look", "", one).files
        given.add(sent.id)
        backups.restore(meeting.db, tmp_path / "there", file)
    with closing(Database(f"sqlite:///{tmp_path / 'fresh.db'}")) as fresh:
        migrate.upgrade(fresh)
        backups.restore(fresh, tmp_path / "there", file)
        meeting.db = fresh
        given.add(meeting.says(meeting.ann, "look", "", one).files[0].id)
    assert len(given) == 4 and min(sorted(given)[1:]) > backups.AHEAD


def test_open_pages_and_tickets_are_behind_afterwards(app, full, tmp_path):
    its, file = parts(app), tmp_path / "backup.tar"
    full.page("/rooms/1")
    backups.make(its.db, its.settings.data, file)
    fill(app, 2, *(f"lost {number}" for number in range(9)))
    cursor = 14
    backups.restore(its.db, its.settings.data, file)
    news = soup(full.gets(f"/rooms/1/feed?after={cursor}", **HTMX))
    assert "first" in news.select_one("#messages").get_text()
    assert "lost" not in news.get_text()
    with its.db.reading() as c:
        [everybody] = [r for r in revocations.since(c, 0) if r.scope == (None, None, None)]
        assert everybody.number == spaces.find(c).revocation >= backups.AHEAD


@pytest.mark.parametrize("how", ["torn", "changed", "incomplete", "something else", "empty"])
def test_a_damaged_one_changes_nothing(app, full, tmp_path, how):
    its, file = parts(app), tmp_path / "backup.tar"
    backups.make(its.db, its.settings.data, file)
    octets = file.read_bytes()
    if how == "torn":
        file.write_bytes(octets[: len(octets) // 2])
    elif how == "changed":
        place = octets.index(b"with a photo")
        file.write_bytes(octets[:place] + b"W" + octets[place + 1 :])
    elif how == "incomplete":
        with tarfile.open(file) as tar, tarfile.open(tmp_path / "less.tar", "w") as less:
            for member in tar:
                if not member.name.startswith("files/"):
                    less.addfile(member, tar.extractfile(member))
        file = tmp_path / "less.tar"
    else:
        file.write_bytes(b"hello" if how == "something else" else b"")
    before = dump(its.db)
    with pytest.raises(backups.Damaged, match=str(file)):
        backups.restore(its.db, its.settings.data, file)
    assert dump(its.db) == before


def test_a_name_that_leads_elsewhere_is_not_unpacked(app, full, tmp_path):
    its, file = parts(app), tmp_path / "evil.tar"
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"sums": {}}))
    with tarfile.open(file, "w") as tar:
        tar.add(manifest, "../outside")
    with pytest.raises(backups.Damaged):
        backups.restore(its.db, its.settings.data, file)
    assert not (its.settings.data / "outside").exists()


def test_what_was_acknowledged_before_is_in_it_while_others_write(app, full, tmp_path):
    its, file, stop = parts(app), tmp_path / "backup.tar", threading.Event()

    def write() -> None:
        while not stop.is_set():
            fill(app, 2, "meanwhile")

    full.posts("just before")
    writer = threading.Thread(target=write)
    writer.start()
    backups.make(its.db, its.settings.data, file)
    stop.set()
    writer.join()
    backups.restore(its.db, its.settings.data, file)
    with its.db.reading() as c:
        assert "just before" in c.scalars(select(tables.messages.c.text)).all()


def test_it_is_of_one_moment_though_people_write_between_its_pieces(app, full, monkeypatch):
    its, target, said = parts(app), parts(app).settings.data / "copy.db", []

    def post_instead_of_rest(_) -> None:
        if len(said) < 5:
            said.append(full.posts(f"meanwhile {len(said)}"))

    monkeypatch.setattr(backups, "PIECE", 4096)  # a page
    monkeypatch.setattr(backups.Pace, "keep", post_instead_of_rest)
    before = dump(its.db)
    backups.snapshot(its.db, target)
    assert len(said) == 5
    with closing(Database(f"sqlite:///{target}")) as copy:
        assert dump(copy) == before


def test_a_missing_file_is_named(app, full, tmp_path):
    its = parts(app)
    [gone, *_] = (its.settings.data / "files").glob("??/*")
    gone.unlink()
    file = tmp_path / "backup.tar"
    assert backups.make(its.db, its.settings.data, file) == [gone]
    backups.restore(its.db, its.settings.data, file)
    assert [gone.name in one for one in doctor.findings(its.db, its.settings.data)] == [True]


def test_what_an_old_disk_has_torn_is_told_and_comes_back_from_an_older_one(app, full, caplog):
    its = parts(app)
    data, night = its.settings.data, datetime.now(UTC)
    older = backups.nightly(its.db, data, night - timedelta(days=1))
    torn, unreadable = sorted((data / "files").glob("??/*"))
    torn.write_bytes(torn.read_bytes()[:-1])
    unreadable.unlink()
    unreadable.mkdir()  # reading it is an error of the system, as on a disk that breaks
    assert backups.nightly(its.db, data, night), "all else is in it"
    told = [record.getMessage() for record in caplog.records]
    assert told == [
        f"{path} is missing or torn, and so not in the backup." for path in (torn, unreadable)
    ]
    assert len(list(doctor.findings(its.db, data))) == 2
    unreadable.rmdir()
    backups.restore(its.db, data, older)
    assert list(doctor.findings(its.db, data)) == []


def test_one_a_night_for_a_week_and_sundays_for_a_month(app, full):
    its, start = parts(app), datetime(2026, 3, 2, 3, tzinfo=UTC)
    for day in range(40):
        now = start + timedelta(days=day)
        assert backups.nightly(its.db, its.settings.data, now)
        assert backups.nightly(its.db, its.settings.data, now) is None
    kept = sorted(path.stem for path in (its.settings.data / "backups").glob("*.tar"))
    days = [datetime.fromisoformat(name) for name in kept]
    assert len(kept) == 7 + 3
    assert kept[-1] == "2026-04-10"
    assert all(day.weekday() == 6 for day in days[:-7])


def test_a_nightly_one_leaves_room_for_messages(app, full, monkeypatch):
    its = parts(app)
    monkeypatch.setattr(backups, "SPARE", 10**18)
    with pytest.raises(backups.Damaged, match="room"):
        backups.nightly(its.db, its.settings.data, datetime(2026, 3, 2, tzinfo=UTC))
    assert not list((its.settings.data / "backups").glob("*.tar*"))


def test_on_a_small_disk_an_old_one_goes_for_a_new_one_but_never_the_last(app, full, monkeypatch):
    its, night = parts(app), datetime(2026, 3, 2, 3, tzinfo=UTC)
    folder = its.settings.data / "backups"

    def kept() -> list[str]:
        return sorted(path.stem for path in folder.glob("*.tar"))

    size = backups.nightly(its.db, its.settings.data, night).stat().st_size

    def free(_):
        return SimpleNamespace(
            free=room - sum(path.stat().st_size for path in folder.glob("*.tar"))
        )

    monkeypatch.setattr(backups, "SPARE", size)
    monkeypatch.setattr(backups.shutil, "disk_usage", free)
    room = 5 * size  # some space is lost to what the files have
    for day in range(1, 8):
        assert backups.nightly(its.db, its.settings.data, night + timedelta(days=day))
    assert kept() == ["2026-03-06", "2026-03-07", "2026-03-08", "2026-03-09"]
    room = 3 * size
    assert backups.nightly(its.db, its.settings.data, night + timedelta(days=8))
    assert kept() == ["2026-03-09", "2026-03-10"]
    room = 2 * size
    with pytest.raises(backups.Damaged, match="room"):
        backups.nightly(its.db, its.settings.data, night + timedelta(days=9))
    assert kept() == ["2026-03-09", "2026-03-10"], "nothing goes where that would not help"


def test_the_doctor_finds_nothing_where_all_is_well(app, full):
    assert list(doctor.findings(parts(app).db, parts(app).settings.data)) == []


def test_the_doctor_names_what_is_missing_torn_and_left_over(app, full, monkeypatch):
    its = parts(app)
    first, second, *_ = sorted((its.settings.data / "files").glob("??/*"))
    first.unlink()
    second.write_bytes(b"torn")
    stray = Path(its.settings.data, "files", "ab", "abc")
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"x")
    monkeypatch.setattr(doctor, "ROOM", 10**18)
    told = " ".join(doctor.findings(its.db, its.settings.data))
    assert f"{first} is missing" in told
    assert f"{second} is torn" in told
    assert "1 files (0.0 MB) are named by nothing" in told
    assert "The disk is almost full" in told


def test_what_comes_while_the_doctor_looks_is_not_left_over(app, full, monkeypatch):
    its, named = parts(app), backups.named

    def meanwhile(c):
        (its.settings.data / "files" / "ab").mkdir(exist_ok=True)
        (its.settings.data / "files" / "ab" / "abc").write_bytes(b"just sent, and not named yet")
        return named(c)

    monkeypatch.setattr(backups, "named", meanwhile)
    assert list(doctor.findings(its.db, its.settings.data)) == []


def test_the_doctor_says_since_when_no_backup_could_be_made(app, full, monkeypatch):
    its, now = parts(app), datetime.now(UTC)
    with monkeypatch.context() as patch, pytest.raises(backups.Damaged):
        patch.setattr(backups, "SPARE", 10**18)
        backups.nightly(its.db, its.settings.data, now)
    told = "There has been no nightly backup {}; the server's log may say why."
    assert list(doctor.findings(its.db, its.settings.data)) == [told.format("yet")]
    before = now - timedelta(days=4)
    backups.nightly(its.db, its.settings.data, before)
    assert list(doctor.findings(its.db, its.settings.data)) == [told.format(f"since {before:%F}")]
    backups.nightly(its.db, its.settings.data, now - timedelta(days=1))
    assert list(doctor.findings(its.db, its.settings.data)) == []


def test_the_doctor_says_where_there_is_no_space_yet(tmp_path):
    status, told = run(tmp_path / "new", "doctor")
    assert (status, told) == (
        1,
        f"There is no space yet in {tmp_path / 'new'}: its database is empty.\n",
    )


def test_one_is_made_before_a_migration(own_database, tmp_path):
    data, url = tmp_path / "instance", own_database.url.render_as_string(hide_password=False)
    older_parley(own_database)
    url = url.replace("+psycopg", "")
    with closing(parts(create_app(Settings(data=data, database=url, secret="x")))) as its:
        with its.db.writing() as c:
            c.execute(tables.messages.delete())
        file = data / "backups" / "before-update.tar"
        with tarfile.open(file) as tar:
            assert json.load(tar.extractfile("manifest.json"))["version"] == "0002"
        backups.restore(its.db, data, file)
        with its.db.reading() as c:
            assert c.scalar(select(tables.messages.c.text)) == "before the update"
            assert migrate.version(c) == migrate.versions()[-1]


def run(data: Path, *arguments: str, answer: str = "") -> tuple[int, str]:
    """The command line; exit status and what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "parley.cli", *arguments],
        input=answer,
        capture_output=True,
        text=True,
        timeout=30,
        env=os.environ | {"PARLEY_DATA": str(data), "PYTHONPATH": str(ROOT / "site")},
    )
    return done.returncode, done.stdout + done.stderr


def test_the_command_line_backs_up_asks_restores_and_looks(app, full, tmp_path):
    data, file = parts(app).settings.data, tmp_path / "backup.tar"
    assert run(data, "backup", str(file))[0] == 0
    full.posts("after the backup")
    status, told = run(data, "restore", str(file), answer="no\n")
    assert (status, full.sees("after the backup")) == (1, True)
    assert "Replace Class 7b" in told and "Nothing was changed." in told
    status, told = run(data, "restore", str(file))
    assert status == 1 and told.endswith("(yes/no) \nNothing was changed.\n"), "nobody answers"
    status, told = run(data, "restore", str(tmp_path / "none.tar"))
    assert status == 2 and "Replace" not in told and "none.tar" in told
    assert run(data, "restore", str(file), answer="yes\n")[0] == 0
    assert not full.sees("after the backup")
    assert run(data, "doctor") == (0, "All is well.\n")
    assert run(tmp_path / "new", "restore", str(file))[0] == 0, "an empty place is not asked for"
    status, told = run(data, "restore", str(tmp_path / "none.tar"), "--yes")
    assert (status, "Traceback" in told) == (2, False)


def test_sweeping_removes_only_what_is_old_and_named_by_nothing(app, full, tmp_path):
    data = parts(app).settings.data
    old, new = (data / "files" / "ab" / f"ab{end}" for end in ("old", "new"))
    old.parent.mkdir(exist_ok=True)
    for path in (old, new):
        path.write_bytes(b"x")
    os.utime(old, (0, 0))
    status, told = run(data, "sweep")
    assert (status, old.exists(), new.exists()) == (0, False, True)
    assert told == "1 files and 0 sessions were removed.\n"
    new.unlink()
    assert run(data, "doctor")[0] == 0


def test_the_picture_of_the_space_is_kept_and_comes_back(app, miriam, tmp_path):
    its = parts(app)
    miriam.submits("/space", {}, "photo", ("us.png", picture("PNG")))
    with its.db.reading() as c:
        [name] = backups.named(c)
    os.utime(its.files.path(name), (0, 0))
    assert run(its.settings.data, "sweep")[1] == "0 files and 0 sessions were removed.\n"
    file = tmp_path / "backup.tar"
    backups.make(its.db, its.settings.data, file)
    its.files.path(name).unlink()
    assert "is missing" in " ".join(doctor.findings(its.db, its.settings.data))
    backups.restore(its.db, its.settings.data, file)
    assert miriam.gets("/space/picture").status_code == 200
    assert list(doctor.findings(its.db, its.settings.data)) == []
