"""Errors that a person can act on: each says what is wrong and what to do."""


class DiffAnnotError(Exception):
    """Base of every error that DiffAnnot raises on purpose.

    Parameters
    ----------
    message : str
        One line: what is wrong, with the name of the file, person or key.
    hint : str
        One line: what to do about it. Empty where nothing can be done.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}. {self.hint}" if self.hint else self.message


class UnreadableInput(DiffAnnotError):
    """A file is missing, torn, hostile or not what its place asks for."""


class UnknownFormat(UnreadableInput):
    """No reader recognises a file."""


class UnwritableOutput(DiffAnnotError):
    """A file cannot be written: no such folder, no right, no space."""


class InvalidAnnotation(DiffAnnotError):
    """Parameters, keypoints or boxes hold impossible values."""


class MissingModel(DiffAnnotError):
    """Weights or a body model are not on this machine."""


class NoPersonFound(DiffAnnotError):
    """A frontend looked into the box and found nobody."""


class ProjectError(DiffAnnotError):
    """The project file cannot be opened, written or changed as asked."""


class RenderError(DiffAnnotError):
    """The OpenGL context cannot be made or has failed."""


class BrokenPlugin(DiffAnnotError):
    """A plug-in of another package cannot be imported, or fails at what it is for."""


class LostProcess(DiffAnnotError):
    """The process that computes for the window has ended by itself."""


class Cancelled(DiffAnnotError):
    """A person asked a job to stop."""
