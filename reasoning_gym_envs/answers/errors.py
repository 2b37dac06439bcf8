"""Why an answer gets no value. None of these leaves `check`: it turns them into a status."""


class AnswerError(ValueError):
    """An answer that cannot be read or compared."""


class Unreadable(AnswerError):
    """The text is not a mathematical answer that the grammar knows."""


class TooLarge(AnswerError):
    """The text, one of its numbers, its nesting or its expansion passes a limit."""


class Undecided(AnswerError):
    """The text can be read, but exact arithmetic cannot give it a value."""


class InvalidReference(ValueError):
    """A reference answer that cannot be read: an error in the problem, never in the response."""
