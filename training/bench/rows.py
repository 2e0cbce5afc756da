"""The benches as rows of data: which split of which corpus, measured how."""

from collections.abc import Callable
from dataclasses import dataclass

from core.errors import UnreadableInput
from core.metrics.protocols import PROTOCOLS, Protocol
from training.corpora.records import Sample, Split

PIXEL_MEASURES = ("2D error px", "2D error px of 224", "PCK@0.05 %")
CLICKING = 4.0
"""Pixels of a crop of 224: noise of keypoints that a person clicked."""


@dataclass(frozen=True)
class Bench:
    """One data set to measure on.

    Parameters
    ----------
    name, corpus : str
        Its own, and the reader's.
    split : str
        What numbers are reported on.
    choosing : str
        Where the fixed step is chosen.
    protocol : Protocol or None
        How joints are measured; None where only 2D keypoints are known.
    grouped : callable
        Tells the take or sequence of a sample: people of one are not independent.
    groups : str
        What those are, in the plural.
    noise : float
        Added to the corpus' keypoints, pixels of a crop of 224: those that are projected truth are
        made as wrong as a person's.
    published : str
        What the paper states for it (Tables II and III), to be read beside ours, never as ours.
    """

    name: str
    corpus: str
    split: Split
    choosing: Split
    protocol: Protocol | None
    grouped: Callable[[Sample], str]
    groups: str
    noise: float = 0.0
    published: str = ""

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of the errors of a step."""
        return PIXEL_MEASURES if self.protocol is None else self.protocol.measures

    @property
    def main(self) -> tuple[str, ...]:
        """Those of them that the paper's Table II has, and all that are of the picture."""
        return PIXEL_MEASURES if self.protocol is None else self.protocol.measures[:2]

    @property
    def loss(self) -> int:
        """Which of the measures steps are chosen by where the truth is asked, as in the paper."""
        return self.measures.index("2D error px" if self.protocol is None else "PA-MPJPE mm")

    @property
    def strict(self) -> int:
        """Which of the measures tells whether somebody got worse; in mm, or px of 224."""
        return self.measures.index("2D error px of 224" if self.protocol is None else "MPJPE mm")

    @property
    def evidence(self) -> str:
        """Where the keypoints come from that choose and guide."""
        if self.protocol is None:
            return "the frontend's own keypoints: the corpus' are the truth"
        if self.noise:
            return f"the corpus' keypoints with {self.noise:g} px of noise on a crop of 224"
        return "the corpus' keypoints"


def _folder(sample: Sample) -> str:
    return sample.name.rsplit("/", 2)[0]


def _sequence(sample: Sample) -> str:
    return sample.name.split("/")[0]


def _picture(sample: Sample) -> str:
    return str(sample.image)


BENCHES = {
    row.name: row
    for row in (
        Bench(
            "open", "human_data", "test", "validation", PROTOCOLS["open"], _folder, "takes",
            CLICKING,
        ),
        Bench(
            "pw3d", "pw3d", "test", "validation", PROTOCOLS["mmhuman3d-pw3d"], _sequence,
            "sequences",
            published="HMR 112.34 / 67.53, DiffAnnot by Algorithm 1 111.14 / 65.53, better 68 %",
        ),
        Bench(
            "mpi_inf_3dhp", "mpi_inf_3dhp", "test", "train", PROTOCOLS["spin-mpi-inf-3dhp"],
            _sequence, "sequences", CLICKING,
            "HMR 125.17 / 90.36, DiffAnnot by Algorithm 1 124.63 / 86.28, better 78 %",
        ),
        Bench(
            "halpe", "halpe", "validation", "train", None, _picture, "pictures",
            published="HMR 103.54 px, DiffAnnot by Algorithm 1 99.94 px, better 62 %, on people of "
            "the training split",
        ),
    )
}  # fmt: skip


def bench_named(name: str) -> Bench:
    """Return a bench.

    Raises
    ------
    UnreadableInput
        There is none of this name.
    """
    if name not in BENCHES:
        raise UnreadableInput(f"There is no bench named {name}", f"Known: {', '.join(BENCHES)}")
    return BENCHES[name]
