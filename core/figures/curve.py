"""The curve: error over the step, against the truth where it is known, else the score."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from core.errors import ProjectError
from core.figures import Style
from core.figures.page import INK, SMALL, Page, pixels
from core.figures.studio import Studio
from core.figures.subject import Subject
from core.metrics import joint_errors
from core.pose import JOINTS
from core.progress import Progress

WIDTH = 84.0
MOST = 100_000

HEIGHT = 0.68
"""Of the width."""
LEFT, RIGHT, TOP, FOOT = pixels(13), pixels(2.5), pixels(6), pixels(10)
LINE, FAINT, MARK = "#0072B2", "#9aa3ad", "#D55E00"
"""Blue and orange of Okabe and Ito's palette, which the colour-blind tell apart."""


@dataclass(frozen=True, eq=False)
class Curve:
    """Errors of a person over the step.

    Parameters
    ----------
    values : NDArray, shape (N+1,)
        Mean distance of the 24 joints from the truth, pelvis on pelvis, in mm; or the score, % of
        the box side.
    chosen : int
        Step.
    """

    values: NDArray[np.float64]
    chosen: int


def draw(
    subjects: Sequence[Subject], studio: Studio, style: Style
) -> Generator[Progress, None, Page]:
    """Draw a line a person, and their mean where their steps are as many.

    Raises
    ------
    ProjectError
        Nobody has a truth or keypoints.
    """
    of_truth = all(subject.truth is not None for subject in subjects)
    curves = []
    for number, subject in enumerate(subjects):
        yield Progress(number, len(subjects), subject.person.row.name)
        values = against_truth(subject, studio) if of_truth else scores(subject)
        if np.isfinite(values).all():
            curves.append(Curve(values, subject.step))
    if not curves:
        raise ProjectError(
            "There is no error to draw: nobody has keypoints",
            "Draw a comparison or views instead",
        )
    width = pixels(style.width or WIDTH)
    page = Page(width, round(width * HEIGHT))
    axes = page.axes(LEFT, TOP, width - LEFT - RIGHT, page.height - TOP - FOOT)
    _plot(axes, curves)
    axes.set_xlabel("Denoising step", labelpad=2)
    axes.set_ylabel("MPJPE (mm)" if of_truth else "2D error (% of box side)", labelpad=3)
    return page


def against_truth(subject: Subject, studio: Studio) -> NDArray[np.float64]:
    """Return the mean joint error (N+1,) of every step, pelvis on pelvis, mm."""
    joints = studio.body.pose(subject.run.trajectory.steps)[1][:, : len(JOINTS)]
    true = np.repeat(np.asarray(subject.truth)[None], len(joints), axis=0)
    errors = joint_errors(joints - joints[:, :1], true - true[:, :1])
    return np.asarray(errors.mean(axis=1) * 1000)


def scores(subject: Subject) -> NDArray[np.float64]:
    """Return the score (N+1,) of every step, % of the box side; NaN without keypoints."""
    return subject.run.scores.astype(np.float64) * 100


def _plot(axes: Axes, curves: Sequence[Curve]) -> None:
    alone = len(curves) == 1
    for curve in curves:
        axes.plot(curve.values, color=LINE if alone else FAINT, lw=1.3 if alone else 0.6,
                  alpha=1 if alone else 0.7)  # fmt: skip
        axes.plot(curve.chosen, curve.values[curve.chosen], "o", color=MARK, ms=4 if alone else 2,
                  zorder=3, clip_on=False)  # fmt: skip
    if not alone and len({len(curve.values) for curve in curves}) == 1:
        mean = np.mean([curve.values for curve in curves], axis=0)
        axes.plot(mean, color=LINE, lw=1.6, zorder=4)
    _legend(axes, len(curves))
    axes.set_xlim(0, max(len(curve.values) for curve in curves) - 1)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=SMALL, length=2.5, width=0.6, color=INK)
    axes.grid(axis="y", lw=0.3, color="#d9dcdf")
    axes.set_axisbelow(True)


def _legend(axes: Axes, count: int) -> None:
    axes.plot([], [], "o", color=MARK, ms=3.5, label="chosen step")
    if count > 1:
        axes.plot([], [], color=LINE, lw=1.6, label=f"mean of {count} persons")
        axes.plot([], [], color=FAINT, lw=0.8, label="each")
    axes.legend(
        fontsize=SMALL, frameon=False, loc="lower left", bbox_to_anchor=(0, 0.99), ncols=3,
        handlelength=1.2, handletextpad=0.5, columnspacing=1.2, borderpad=0.2,
    )  # fmt: skip
