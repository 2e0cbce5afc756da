"""A field for a whole number."""

from PySide6.QtWidgets import QSpinBox

from app import theme


class NumberField(QSpinBox):
    """Indented as the other fields are: a style sheet does not reach the line inside."""

    def __init__(self, least: int, most: int) -> None:
        super().__init__()
        self.setRange(least, most)
        self.lineEdit().setTextMargins(theme.SPACE - 2, 0, 0, 0)
