"""The errors that a user sees. Both have a place, such as a file, and a message."""


class PlotError(Exception):
    def __init__(self, place, message):
        super().__init__(f"{place}: error: {message}")
        self.place, self.message = str(place), message


class BadInput(PlotError):
    """A table is damaged, or a name is unknown."""


class NotThere(PlotError):
    """A kind of plot does not apply: a file, a column or its values are missing."""
