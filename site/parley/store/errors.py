"""What Parley refuses, said once: a sentence for the person, and the field it belongs to.

Each kind has the HTTP status that says the same to programs (RFC 9110).
"""


class Refused(Exception):
    """Something a person asked for cannot be done; `sentence` says why and what would be right."""

    status, seconds = 422, 0  # try again after `seconds`; 0: not worth trying
    sentence = "That did not work."
    leads_to = ""  # where an open page goes instead

    def __init__(self, sentence: str = "", field: str = ""):
        super().__init__(sentence or self.sentence)
        self.sentence = sentence or self.sentence
        self.field = field


class Wrong(Refused):
    """What was typed cannot be taken as it is."""


class Missing(Refused):
    """It is not there, or not this person's to see: nobody can tell which."""

    status = 404
    sentence = "The address may be mistyped, the message deleted, or the room not yours to see."


class Stranger(Refused):
    """Nobody is signed in here."""

    status = 401
    sentence = "Sign in first."


class Forbidden(Refused):
    """The person may see it, but not do this."""

    status = 403
    sentence = "That is not yours to do."


class Out(Refused):
    """The person was removed from the space: `title` says so, `told` by whom and until when."""

    status = 403

    def __init__(self, title: str, told: str):
        super().__init__(f"{title}. {told}")
        self.title, self.told = title, told


class Conflict(Refused):
    """It contradicts what is already there."""

    status = 409


class TooLarge(Refused):
    """More bytes than are taken."""

    status = 413


class NotTaken(Refused):
    """A kind of file that is not taken."""

    status = 415


class TooQuick(Refused):
    """Too many tries in a short time; `seconds` says when to try again."""

    status = 429

    def __init__(self, sentence: str, seconds: int, field: str = ""):
        super().__init__(sentence, field)
        self.seconds = seconds


class Busy(Refused):
    """The database has no turn to give just now."""

    status, seconds = 503, 5
    sentence = "The server is busy. Try again in a few seconds."


class Full(Refused):
    """The disk has no room left."""

    status = 507
    sentence = "The server has no room left."
