"""The tables, described once for SQLite and PostgreSQL. db/versions/ is their history."""

from functools import partial
from typing import Any

import sqlalchemy as sa

from parley.store.columns import Id, Pairs, UTCDateTime

NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}
metadata = sa.MetaData(naming_convention=NAMES)


def _table(name: str, *columns) -> sa.Table:
    # AUTOINCREMENT: otherwise the id of a deleted newest row is given out again, and
    # addresses of files and cached pages then name something else.
    key = sa.Column("id", Id, primary_key=True, autoincrement=True)
    return sa.Table(name, metadata, key, *columns, sqlite_autoincrement=True)


_id = partial(sa.Column, type_=Id, nullable=False)
_text = partial(sa.Column, type_=sa.Text, nullable=False)
_moment = partial(sa.Column, type_=UTCDateTime, nullable=False)
_number = partial(sa.Column, type_=sa.BigInteger, nullable=False)


def _where(which: str) -> dict[str, Any]:
    """Of an index: which rows it has."""
    return {f"{it}_where": sa.text(which) for it in ("sqlite", "postgresql")}


def _refers(name: str, to: str, nullable: bool = False, **options) -> sa.Column:
    return sa.Column(name, Id, sa.ForeignKey(to), nullable=nullable, **options)


space = _table(
    "space",
    _text("name"),
    _text("zone"),
    _text("language"),
    _moment("made_at"),
    _number("revocation", server_default="0"),  # the newest one's number
    _text("welcome", server_default=""),  # said to those who come in
    _text("picture", nullable=True),  # content hash
    _text("accent", server_default="pine"),
    _text("joining", server_default="link"),  # or closed
    _text("makes_rooms", server_default="member"),  # the least role that may
    _text("sends_files", server_default="member"),
    _text("writes_direct", server_default="member"),
    _number("people_version", server_default="0"),  # raised by any other name or picture
)

people = _table(
    "people",
    _text("name"),
    _text("folded", unique=True),  # one name, however it is written
    _text("password", nullable=True),  # none: known by their browsers only
    _text("role"),
    _text("about", server_default=""),
    _text("picture", nullable=True),  # content hash
    _moment("joined_at"),
    _moment("seen_at"),
    _moment("before_at", nullable=True),  # when the visit before this one ended
    _moment("muted_until", nullable=True),  # reads, but does not write
    sa.Column("muted_by", Id),
    _moment("out_until", nullable=True),  # removed from the space
    _moment("out_at", nullable=True),
    sa.Column("out_by", Id),
    _moment("banned_at", nullable=True),  # ... for good, and their browsers with them
    _moment("left_at", nullable=True),  # a former member
    sa.Column("room_id", Id),  # visited last
    _text("zone", nullable=True),  # empty: the space's; none: nothing chosen yet
    _text("language", nullable=True),
    sa.Column("shortcuts", sa.Boolean, nullable=False, server_default=sa.true()),
    _number("told", server_default="0"),  # notices up to this id have been read
    _text("looks", nullable=True),  # two names must not look alike, as written ...
    _text("looks_small", nullable=True),  # ... or in small letters; none: as old names may
    sa.Index(None, "looks", unique=True),
    sa.Index(None, "looks_small", unique=True),
)

blocks = _table(
    "blocks",
    _refers("person_id", "people.id"),
    _refers("blocked_id", "people.id"),  # reaches the person no longer
    sa.UniqueConstraint("person_id", "blocked_id"),
)

logins = _table(
    "logins",
    _refers("person_id", "people.id", index=True),
    _text("token_hash", unique=True),
    _text("device"),
    _text("browser", server_default="", index=True),  # a cookie that outlives its logins, hashed
    _moment("made_at"),
    _moment("seen_at"),
    _moment("expires_at"),
)

keys = _table(  # each opens the door once, for one person
    "keys",
    _refers("person_id", "people.id"),
    _text("token_hash", unique=True),
    _refers("made_by", "people.id"),
    _moment("made_at"),
    _moment("expires_at"),
    _moment("used_at", nullable=True),
    sa.Column("login_id", Id),  # the one that began with it
)

links = _table(
    "links",
    _text("code", unique=True),
    _refers("made_by", "people.id"),
    _moment("made_at"),
    sa.Column("uses", sa.Integer, nullable=False, server_default="0"),
    _text("name", server_default=""),  # whom it is for
    _text("role", server_default="member"),
    _moment("expires_at", nullable=True),
    sa.Column("most", sa.Integer),  # uses
    _moment("revoked_at", nullable=True),
)

revocations = _table(
    "revocations",
    _number("number", unique=True),
    sa.Column("login_id", Id),
    sa.Column("person_id", Id),
    sa.Column("room_id", Id),
    _moment("made_at"),
)

rooms = _table(
    "rooms",
    _text("name"),
    _text("topic", server_default=""),
    _text("kind"),  # open, closed, announcement, direct
    _refers("made_by", "people.id"),
    _moment("made_at"),
    _number("revision", server_default="0"),
    _number("head", server_default="0"),  # the revision at which name, topic or pins last changed
    _number("pins", server_default="0"),  # how many of its messages are pinned
    _moment("archived_at", nullable=True),
    _moment("locked_at", nullable=True),  # only moderators write
    _text("pair", nullable=True),  # of a direct room: the ids of its people
    sa.Index(None, "pair", unique=True),
)

link_rooms = _table(
    "link_rooms",
    _refers("link_id", "links.id"),
    _refers("room_id", "rooms.id"),
    sa.UniqueConstraint("link_id", "room_id"),
)

memberships = _table(  # who has a row here, and is not out, may see the room
    "memberships",
    _refers("room_id", "rooms.id", index=True),
    _refers("person_id", "people.id"),
    _number("seen"),  # all messages made up to this revision have been read
    _text("notify", server_default="all"),  # or mentions, mute, hide
    _moment("joined_at"),
    _moment("out_until", nullable=True),  # removed from the room
    _moment("out_at", nullable=True),
    _refers("out_by", "people.id", nullable=True),
    sa.UniqueConstraint("person_id", "room_id"),
)

messages = _table(
    "messages",
    _refers("room_id", "rooms.id"),
    _refers("author_id", "people.id"),
    _number("made"),  # the room's revision at posting
    _number("revision"),  # ... at the last change
    _text("key", nullable=True),
    _text("digest"),  # what the key stands for, as first sent
    _text("text"),
    sa.Column("follows", sa.Boolean, nullable=False),  # the same person, within five minutes
    _moment("posted_at"),
    _moment("previous_at", nullable=True),  # of the message before it: is this a new day?
    _moment("edited_at", nullable=True),
    _moment("deleted_at", nullable=True),
    sa.Column("deleted_by", Id),
    sa.Column("reply_to", Id, index=True),
    sa.Column("apart", sa.Boolean, nullable=False, server_default=sa.false()),  # out of the flow
    _number("replies", server_default="0"),  # how many stand apart
    sa.Column("mentions", Pairs, nullable=False, server_default="[]"),  # [person's id, as typed]
    _moment("pinned_at", nullable=True),
    sa.Column("pinned_by", Id),
    sa.UniqueConstraint("author_id", "key"),
    sa.UniqueConstraint("room_id", "made"),
    sa.Index(None, "room_id", "revision"),
    sa.Index("ix_messages_pinned", "room_id", **_where("pinned_at IS NOT NULL")),
    sa.Index("ix_messages_deleted", "deleted_at", **_where("deleted_at IS NOT NULL")),
    sa.Index(None, "room_id", "id"),
    sa.Index(None, "room_id", "posted_at"),
)

files = _table(
    "files",
    _refers("message_id", "messages.id", index=True, nullable=True),  # none: waits in a tray
    _refers("person_id", "people.id"),  # who sends it
    _refers("room_id", "rooms.id"),
    _moment("made_at"),
    _text("key", nullable=True),  # of one upload: sent again, it is known again
    sa.Column("place", sa.Integer, nullable=False, server_default="0"),  # among those beside it
    _text("name"),
    _text("type"),
    _number("size"),
    _text("alt", server_default=""),  # what can be seen, in words
    sa.Column("width", sa.Integer),
    sa.Column("height", sa.Integer),
    sa.Column("seconds", sa.Float),  # of what is played
    _text("colour", nullable=True),  # the average one, "#8a7f6b"
    _text("hash"),
    _text("huge", nullable=True),  # content hashes of the previews
    _text("large", nullable=True),
    _text("thumb", nullable=True),
    sa.UniqueConstraint("person_id", "key"),
    sa.Index(None, "room_id", "message_id"),
    sa.Index("ix_files_waiting", "person_id", "room_id", **_where("message_id IS NULL")),
)

reactions = _table(
    "reactions",
    _refers("message_id", "messages.id"),
    _refers("person_id", "people.id"),
    _text("emoji"),
    _moment("made_at"),
    sa.UniqueConstraint("message_id", "person_id", "emoji"),
)

versions = _table(  # what a message said before an edit
    "versions",
    _refers("message_id", "messages.id", index=True),
    _text("text"),
    _moment("until"),
)

# What is for one person: mention, everyone, reply, reaction. A call of everyone adds thousands at
# once, so they have no references: PostgreSQL would look up each, which takes longer than the rest.
notices = _table(
    "notices",
    _id("person_id"),
    _id("message_id"),
    _id("by_id"),
    _text("kind"),
    _moment("made_at"),
    _id("room_id"),  # of the message
    sa.Column("made", sa.BigInteger),  # ... as well; none: not read with what the room shows
    sa.UniqueConstraint("message_id", "person_id", "by_id", "kind"),
    sa.Index(None, "person_id", "room_id", "made"),
    sa.Index("ix_notices_beside", "person_id", "id", **_where("made IS NULL")),
    sa.Index(None, "person_id", "id"),
)

drafts = _table(  # half-written, one for each person and room
    "drafts",
    _refers("person_id", "people.id"),
    _refers("room_id", "rooms.id", index=True),
    _text("text"),
    _moment("saved_at"),
    sa.UniqueConstraint("person_id", "room_id"),
)

searched = _table(  # what search looks at, with the message's id; never changed, but made anew
    "searched",
    _refers("room_id", "rooms.id"),
    _text("marks"),  # both as talk/spelling.py makes them
    _text("words"),
    sa.Column("named", sa.Boolean, nullable=False),  # by SQLite's indexes
    sa.Index(None, "room_id", "id"),
)

reports = _table(
    "reports",
    _refers("message_id", "messages.id"),
    _refers("by_id", "people.id"),
    _text("reason", server_default=""),
    _moment("made_at"),
    _moment("closed_at", nullable=True),
    _refers("closed_by", "people.id", nullable=True),
    sa.UniqueConstraint("message_id", "by_id"),
)

log = _table(  # rooms and messages may be gone, so they are named without a reference
    "log",
    _refers("by_id", "people.id"),
    _text("act"),
    _refers("person_id", "people.id", nullable=True),
    sa.Column("room_id", Id),
    sa.Column("message_id", Id),
    _text("words", server_default=""),
    _moment("made_at"),
)
