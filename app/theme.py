"""How the window looks: colours of the light and the dark scheme, type and spacing."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication

from app.glyphs import glyph

SPACE = 8
"""Spacing unit in device-independent pixels; use halves and multiples of it."""

INSET = 3 * SPACE // 2
"""How far what stands in a panel is from its side."""

HAIRLINE = 1
"""Between panels that touch."""

RADIUS = 6
FAMILIES = ["Inter", "Segoe UI", "SF Pro Text", "Noto Sans", "Ubuntu", "DejaVu Sans"]
BODY_PT, SMALL_PT, TITLE_PT, HERO_PT = 9.5, 8.5, 13.0, 17.0


@dataclass(frozen=True)
class Colours:
    """One scheme; text on its ground has a contrast of at least 4.5 to 1.

    The verdicts' colours (good, bad, flagged, doubt) differ for the colour-blind, too.
    """

    window: str
    surface: str
    canvas: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    hover: str
    good: str
    bad: str
    flagged: str
    doubt: str
    curve: str

    def __getitem__(self, name: str) -> QColor:
        return QColor(getattr(self, name))


LIGHT = Colours(
    window="#f3f4f7",
    surface="#ffffff",
    canvas="#e3e6ec",
    line="#d3d8e0",
    text="#1a1e26",
    muted="#596273",
    accent="#2563d4",
    on_accent="#ffffff",
    hover="#e8ecf4",
    good="#19623f",
    bad="#7a0a0c",
    flagged="#766a19",
    doubt="#7028ab",
    curve="#7c8aa5",
)
DARK = Colours(
    window="#16181d",
    surface="#1f2228",
    canvas="#0f1114",
    line="#343943",
    text="#e8ebf1",
    muted="#9ca6b5",
    accent="#74a5ff",
    on_accent="#0b1424",
    hover="#2a2e37",
    good="#4fe3ae",
    bad="#ff8272",
    flagged="#f5d64e",
    doubt="#c79bff",
    curve="#7f8ba1",
)

BODY = (142, 178, 224)
"""Colour of the body, in both schemes: it is seen over photographs."""

PART = (245, 176, 92)
"""Colour of the part that the slider moves; blue and orange stay apart for the colour-blind."""

OTHERS = ((188, 180, 170), (160, 172, 160), (178, 164, 184))
"""Colours of the other bodies of a picture in turn: greys, so that the shown one stands out."""

EVIDENCE = "#ffd23f"
"""Keypoints in the picture: seen on skin, cloth, grass and sky."""

SILHOUETTE = "#19e3ff"


_chosen = Qt.ColorScheme.Unknown


def colours() -> Colours:
    """Return the scheme that the person, or else the system, asks for now."""
    scheme = _chosen
    if scheme == Qt.ColorScheme.Unknown:
        scheme = QGuiApplication.styleHints().colorScheme()
    return DARK if scheme == Qt.ColorScheme.Dark else LIGHT


def choose(app: QApplication, scheme: Qt.ColorScheme) -> None:
    """Use a scheme from now on; `Unknown` follows the system."""
    global _chosen
    _chosen = scheme
    app.styleHints().setColorScheme(scheme)  # for what Qt or the desktop draws itself
    _dress(app)


def rgb(colour: Sequence[int]) -> QColor:
    """Return a colour of a picture as Qt has it."""
    return QColor(*colour)


@cache
def font(points: float = BODY_PT, bold: bool = False) -> QFont:
    """Return the window's typeface in a size."""
    result = QFont(FAMILIES)
    result.setPointSizeF(points)
    result.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return result


def icon(name: str, colour: str = "text") -> QIcon:
    """Return a Material Design icon in a colour of the scheme."""
    scheme = colours()
    return _icon(name, getattr(scheme, colour), scheme.muted)


def pixmap(name: str, colour: str, side: int, pixel_ratio: float) -> QPixmap:
    """Return an icon drawn in a size; it takes a millisecond to draw one."""
    scheme = colours()
    return _pixmap(name, getattr(scheme, colour), scheme.muted, side, pixel_ratio)


@cache
def _pixmap(name: str, colour: str, disabled: str, side: int, pixel_ratio: float) -> QPixmap:
    return _icon(name, colour, disabled).pixmap(QSize(side, side), pixel_ratio)


@cache
def _icon(name: str, colour: str, disabled: str) -> QIcon:
    return glyph(name, colour, disabled)


def follow_system(app: QApplication) -> None:
    """Dress the application, now and whenever the system's scheme changes."""
    app.setStyle("Fusion")
    app.setFont(font())
    _dress(app)
    app.styleHints().colorSchemeChanged.connect(lambda: _dress(app))


def _dress(app: QApplication) -> None:
    scheme = colours()
    app.setPalette(_palette(scheme))
    app.setStyleSheet(_style_sheet(scheme))


def _palette(scheme: Colours) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for roles, name in (
        ((role.Window, role.Button), "window"),
        ((role.Base, role.ToolTipBase), "surface"),
        ((role.AlternateBase,), "hover"),
        ((role.WindowText, role.Text, role.ButtonText, role.ToolTipText, role.BrightText), "text"),
        ((role.PlaceholderText,), "muted"),
        ((role.Highlight, role.Accent, role.Link), "accent"),
        ((role.HighlightedText,), "on_accent"),
        ((role.Mid, role.Midlight), "line"),
    ):
        for each in roles:
            palette.setColor(each, scheme[name])
    for each in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, scheme["muted"])
    return palette


def _style_sheet(scheme: Colours) -> str:
    text = _STYLE
    for field in fields(scheme):
        text = text.replace(f"@{field.name};", f"{getattr(scheme, field.name)};")
    return text


_STYLE = f"""
QToolTip {{ color: @text; background: @surface; border: 1px solid @line; padding: 4px; }}
QMenuBar {{ background: @window; }}
QStatusBar {{ background: @window; }}
QStatusBar::item {{ border: none; }}
QSplitter::handle, QMainWindow::separator {{ background: @line; }}
QMainWindow::separator {{ width: 1px; height: 1px; }}
QTabBar {{ background: @window; qproperty-drawBase: 0; }}
QTabBar::tab {{ color: @muted; background: transparent; border: none; padding: 6px 12px;
    border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: @text; border-bottom: 2px solid @accent; }}
QTabBar::tab:hover {{ color: @text; }}
QTabBar::tab:selected:focus {{ background: @hover; color: @accent; }}
QScrollArea {{ background: @surface; border: none; }}
QFrame#panel, QWidget#panel {{ background: @surface; border: none; }}
QLabel#muted {{ color: @muted; }}
QPushButton, QToolButton {{
    color: @text; background: @surface; border: 1px solid @line;
    border-radius: {RADIUS}px; padding: 5px 12px; }}
QToolButton {{ padding: 4px 8px; }}
QToolButton[popupMode="2"] {{ padding: 4px 18px 4px 8px; }}
QToolButton::menu-indicator {{ subcontrol-origin: border; subcontrol-position: right center;
    right: 5px; }}
QPushButton:hover, QToolButton:hover {{ background: @hover; }}
QPushButton:pressed, QToolButton:pressed {{ background: @line; }}
QToolButton:checked {{ background: @hover; border: 1px solid @accent; color: @text; }}
QPushButton:disabled, QToolButton:disabled {{ color: @muted; }}
QPushButton:focus, QToolButton:focus {{ border: 2px solid @accent; padding: 4px 11px; }}
QToolButton:focus {{ padding: 3px 7px; }}
QPushButton#primary {{ color: @on_accent; background: @accent; border: 1px solid @accent;
    font-weight: 600; }}
QPushButton#primary:disabled {{ color: @muted; background: @hover; border: 1px solid @line; }}
QPushButton#primary:focus {{ border: 2px solid @text; }}
QLineEdit, QPlainTextEdit {{ color: @text; background: @surface; border: 1px solid @curve;
    border-radius: {RADIUS}px; padding: 5px 8px; selection-background-color: @accent;
    selection-color: @on_accent; }}
QLineEdit:focus, QPlainTextEdit:focus {{ border: 2px solid @accent; padding: 4px 7px; }}
QDialog#palette {{ background: @surface; border: 1px solid @curve; }}
QComboBox, QAbstractSpinBox {{ color: @text; background: @surface; border: 1px solid @curve;
    border-radius: {RADIUS}px; padding: 4px 8px; }}
QComboBox:hover {{ background: @hover; }}
QComboBox::drop-down {{ border: none; width: 20px; }}
QComboBox::down-arrow {{ width: 0; height: 0; margin-right: 8px; border-top: 5px solid @muted;
    border-left: 4px solid @surface; border-right: 4px solid @surface; }}
QComboBox::down-arrow:hover {{ border-left-color: @hover; border-right-color: @hover; }}
QComboBox:focus, QAbstractSpinBox:focus {{ border: 2px solid @accent; padding: 3px 7px; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ border: none; width: 20px; }}
QAbstractSpinBox::up-arrow {{ width: 0; height: 0; border-bottom: 4px solid @muted;
    border-left: 4px solid @surface; border-right: 4px solid @surface; }}
QAbstractSpinBox::down-arrow {{ width: 0; height: 0; border-top: 4px solid @muted;
    border-left: 4px solid @surface; border-right: 4px solid @surface; }}
QComboBox:disabled, QAbstractSpinBox:disabled, QLineEdit:disabled {{ color: @muted;
    background: @window; }}
QComboBox::down-arrow:disabled, QAbstractSpinBox::up-arrow:disabled,
QAbstractSpinBox::down-arrow:disabled {{ border-left-color: @window;
    border-right-color: @window; }}
QDialog#palette QLineEdit {{ border: none; border-bottom: 1px solid @line; border-radius: 0;
    padding: 12px 16px; font-size: {TITLE_PT}pt; }}
QProgressBar {{ border: none; border-radius: 3px; background: @line; max-height: 6px;
    min-height: 6px; }}
QProgressBar::chunk {{ border-radius: 3px; background: @accent; }}
QCheckBox {{ border: 2px solid transparent; border-radius: {RADIUS}px; padding: 2px; }}
QCheckBox:focus {{ border-color: @accent; }}
QListView, QTableView {{ background: @surface; border: 1px solid @surface; outline: none; }}
QListView:focus, QTableView:focus {{ border: 1px solid @accent; }}
QTreeView {{ background: @surface; border: 1px solid @line; border-radius: {RADIUS}px;
    outline: none; }}
QTreeView:focus {{ border: 1px solid @accent; }}
QTreeView::item {{ min-height: 24px; }}
QTreeView::item:selected {{ background: @hover; color: @text; }}
QHeaderView::section {{ background: @surface; color: @muted; border: none;
    border-bottom: 1px solid @line; padding: 6px; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar::handle:vertical {{ background: @line; border-radius: 3px; min-height: 32px;
    margin: 2px; }}
QScrollBar::handle:vertical:hover {{ background: @curve; }}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: @line; }}
QSlider::sub-page:horizontal {{ height: 4px; border-radius: 2px; background: @accent; }}
QSlider::handle:horizontal {{ width: 14px; margin: -5px 0; border-radius: 7px;
    background: @surface; border: 1px solid @curve; }}
QSlider::handle:horizontal:focus {{ border: 2px solid @accent; }}
"""
