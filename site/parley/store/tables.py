"""The tables, described once for SQLite and PostgreSQL. db/versions/ is their history."""

import sqlalchemy as sa

from parley.store.columns import Id, Pairs, flag, ident, moment, number, refers, text, where

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


space = _table(
    "space",
    text("name"),
    text("zone"),
    text("language"),
    moment("made_at"),
    number("revocation", server_default="0"),  # the newest one's number
    text("welcome", server_default=""),  # said to those who come in
    text("picture", nullable=True),  # content hash
    text("accent", server_default="pine"),
    text("joining", server_default="link"),  # or closed
    text("makes_rooms", server_default="member"),  # the least role that may
    text("sends_files", server_default="member"),
    text("writes_direct", server_default="member"),
    number("people_version", server_default="0"),  # raised by any other name or picture
)

people = _table(
    "people",
    text("name"),
    text("folded", unique=True),  # one name, however it is written
    text("password", nullable=True),  # none: known by their browsers only
    text("role"),
    text("about", server_default=""),
    text("picture", nullable=True),  # content hash
    moment("joined_at"),
    moment("seen_at"),
    moment("before_at", nullable=True),  # when the visit before this one ended
    moment("muted_until", nullable=True),  # reads, but does not write
    ident("muted_by", nullable=True),
    moment("out_until", nullable=True),  # removed from the space
    moment("out_at", nullable=True),
    ident("out_by", nullable=True),
    moment("banned_at", nullable=True),  # ... for good, and their browsers with them
    moment("left_at", nullable=True),  # a former member
    ident("room_id", nullable=True),  # visited last
    text("zone", nullable=True),  # empty: the space's; none: nothing chosen yet
    text("language", nullable=True),
    flag("shortcuts", server_default=sa.true()),
    number("told", server_default="0"),  # notices up to this id have been read
    text("looks", nullable=True),  # two names must not look alike, as written ...
    text("looks_small", nullable=True),  # ... or in small letters; none: as old names may
    sa.Index(None, "looks", unique=True),
    sa.Index(None, "looks_small", unique=True),
)

blocks = _table(
    "blocks",
    refers("person_id", "people.id"),
    refers("blocked_id", "people.id"),  # reaches the person no longer
    sa.UniqueConstraint("person_id", "blocked_id"),
)

logins = _table(
    "logins",
    refers("person_id", "people.id", index=True),
    text("token_hash", unique=True),
    text("device"),
    text("browser", server_default="", index=True),  # a cookie that outlives its logins, hashed
    moment("made_at"),
    moment("seen_at"),
    moment("expires_at"),
)

keys = _table(  # each opens the door once, for one person
    "keys",
    refers("person_id", "people.id"),
    text("token_hash", unique=True),
    refers("made_by", "people.id"),
    moment("made_at"),
    moment("expires_at"),
    moment("used_at", nullable=True),
    ident("login_id", nullable=True),  # the one that began with it
)

links = _table(
    "links",
    text("code", unique=True),
    refers("made_by", "people.id"),
    moment("made_at"),
    sa.Column("uses", sa.Integer, nullable=False, server_default="0"),
    text("name", server_default=""),  # whom it is for
    text("role", server_default="member"),
    moment("expires_at", nullable=True),
    sa.Column("most", sa.Integer),  # uses
    moment("revoked_at", nullable=True),
)

revocations = _table(
    "revocations",
    number("number", unique=True),
    ident("login_id", nullable=True),
    ident("person_id", nullable=True),
    ident("room_id", nullable=True),
    moment("made_at"),
)

rooms = _table(
    "rooms",
    text("name"),
    text("topic", server_default=""),
    text("kind"),  # open, closed, announcement, direct
    refers("made_by", "people.id"),
    moment("made_at"),
    number("revision", server_default="0"),
    number("head", server_default="0"),  # the revision at which name, topic or pins last changed
    number("pins", server_default="0"),  # how many of its messages are pinned
    moment("archived_at", nullable=True),
    moment("locked_at", nullable=True),  # only moderators write
    text("pair", nullable=True),  # of a direct room: the ids of its people
    sa.Index(None, "pair", unique=True),
)

link_rooms = _table(
    "link_rooms",
    refers("link_id", "links.id"),
    refers("room_id", "rooms.id"),
    sa.UniqueConstraint("link_id", "room_id"),
)

memberships = _table(  # who has a row here, and is not out, may see the room
    "memberships",
    refers("room_id", "rooms.id", index=True),
    refers("person_id", "people.id"),
    number("seen"),  # all messages made up to this revision have been read
    text("notify", server_default="all"),  # or mentions, mute, hide
    moment("joined_at"),
    moment("out_until", nullable=True),  # removed from the room
    moment("out_at", nullable=True),
    refers("out_by", "people.id", nullable=True),
    sa.UniqueConstraint("person_id", "room_id"),
)

messages = _table(
    "messages",
    refers("room_id", "rooms.id"),
    refers("author_id", "people.id"),
    number("made"),  # the room's revision at posting
    number("revision"),  # ... at the last change
    text("key", nullable=True),
    text("digest"),  # what the key stands for, as first sent
    text("text"),
    flag("follows"),  # the same person, within five minutes
    moment("posted_at"),
    moment("previous_at", nullable=True),  # of the message before it: is this a new day?
    moment("edited_at", nullable=True),
    moment("deleted_at", nullable=True),
    ident("deleted_by", nullable=True),
    ident("reply_to", nullable=True, index=True),
    flag("apart", server_default=sa.false()),  # out of the flow
    number("replies", server_default="0"),  # how many stand apart
    sa.Column("mentions", Pairs, nullable=False, server_default="[]"),  # [person's id, as typed]
    moment("pinned_at", nullable=True),
    ident("pinned_by", nullable=True),
    sa.UniqueConstraint("author_id", "key"),
    sa.UniqueConstraint("room_id", "made"),
    sa.Index(None, "room_id", "revision"),
    sa.Index("ix_messages_pinned", "room_id", **where("pinned_at IS NOT NULL")),
    sa.Index("ix_messages_deleted", "deleted_at", **where("deleted_at IS NOT NULL")),
    sa.Index(None, "room_id", "id"),
    sa.Index(None, "room_id", "posted_at"),
)

files = _table(
    "files",
    refers("message_id", "messages.id", index=True, nullable=True),  # none: waits in a tray
    refers("person_id", "people.id"),  # who sends it
    refers("room_id", "rooms.id"),
    moment("made_at"),
    text("key", nullable=True),  # of one upload: sent again, it is known again
    sa.Column("place", sa.Integer, nullable=False, server_default="0"),  # among those beside it
    text("name"),
    text("type"),
    number("size"),
    text("alt", server_default=""),  # what can be seen, in words
    sa.Column("width", sa.Integer),
    sa.Column("height", sa.Integer),
    sa.Column("seconds", sa.Float),  # of what is played
    text("colour", nullable=True),  # the average one, "#8a7f6b"
    text("hash"),
    text("huge", nullable=True),  # content hashes of the previews
    text("large", nullable=True),
    text("thumb", nullable=True),
    sa.UniqueConstraint("person_id", "key"),
    sa.Index(None, "room_id", "message_id"),
    sa.Index("ix_files_waiting", "person_id", "room_id", **where("message_id IS NULL")),
)

reactions = _table(
    "reactions",
    refers("message_id", "messages.id"),
    refers("person_id", "people.id"),
    text("emoji"),
    moment("made_at"),
    sa.UniqueConstraint("message_id", "person_id", "emoji"),
)

versions = _table(  # what a message said before an edit
    "versions",
    refers("message_id", "messages.id", index=True),
    text("text"),
    moment("until"),
)

# What is for one person: mention, everyone, reply, reaction. A call of everyone adds thousands at
# once, so they have no references: PostgreSQL would look up each, which takes longer than the rest.
notices = _table(
    "notices",
    ident("person_id"),
    ident("message_id"),
    ident("by_id"),
    text("kind"),
    moment("made_at"),
    ident("room_id"),  # of the message
    sa.Column("made", sa.BigInteger),  # ... as well; none: not read with what the room shows
    sa.UniqueConstraint("message_id", "person_id", "by_id", "kind"),
    sa.Index(None, "person_id", "room_id", "made"),
    sa.Index("ix_notices_beside", "person_id", "id", **where("made IS NULL")),
    sa.Index(None, "person_id", "id"),
)

drafts = _table(  # half-written, one for each person and room
    "drafts",
    refers("person_id", "people.id"),
    refers("room_id", "rooms.id", index=True),
    text("text"),
    moment("saved_at"),
    sa.UniqueConstraint("person_id", "room_id"),
)

searched = _table(  # what search looks at, with the message's id; never changed, but made anew
    "searched",
    refers("room_id", "rooms.id"),
    text("marks"),  # both as talk/spelling.py makes them
    text("words"),
    flag("named"),  # by SQLite's indexes
    sa.Index(None, "room_id", "id"),
)

reports = _table(
    "reports",
    refers("message_id", "messages.id"),
    refers("by_id", "people.id"),
    text("reason", server_default=""),
    moment("made_at"),
    moment("closed_at", nullable=True),
    refers("closed_by", "people.id", nullable=True),
    sa.UniqueConstraint("message_id", "by_id"),
)

log = _table(  # rooms and messages may be gone, so they are named without a reference
    "log",
    refers("by_id", "people.id"),
    text("act"),
    refers("person_id", "people.id", nullable=True),
    ident("room_id", nullable=True),
    ident("message_id", nullable=True),
    text("words", server_default=""),
    moment("made_at"),
)
