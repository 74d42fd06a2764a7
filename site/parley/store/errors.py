"""What Parley refuses, said once: a sentence for the person, and the field it belongs to.

No status codes here: web/errors.py knows how each kind is answered.
"""


class Refused(Exception):
    """Something a person asked for cannot be done; `sentence` says why and what would be right."""

    sentence = "That did not work."

    def __init__(self, sentence: str = "", field: str = ""):
        super().__init__(sentence or self.sentence)
        self.sentence = sentence or self.sentence
        self.field = field


class Wrong(Refused):
    """What was typed cannot be taken as it is."""


class Missing(Refused):
    """It is not there, or not this person's to see: nobody can tell which."""

    sentence = "The address may be mistyped, the message deleted, or the room not yours to see."


class Stranger(Refused):
    """Nobody is signed in here."""

    sentence = "Sign in first."


class Forbidden(Refused):
    """The person may see it, but not do this."""

    sentence = "That is not yours to do."


class Conflict(Refused):
    """It contradicts what is already there."""


class TooLarge(Refused):
    """More bytes than are taken."""


class NotTaken(Refused):
    """A kind of file that is not taken."""


class TooQuick(Refused):
    """Too many tries in a short time; `seconds` says when to try again."""

    def __init__(self, sentence: str, seconds: int, field: str = ""):
        super().__init__(sentence, field)
        self.seconds = seconds


class Busy(Refused):
    """The database has no turn to give just now."""

    sentence = "The server is busy. Try again in a few seconds."


class Full(Refused):
    """The disk has no room left."""

    sentence = "The server has no room left."
