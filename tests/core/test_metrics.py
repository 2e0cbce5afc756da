from pathlib import Path

import numpy as np
import pytest

from core.metrics import mpjpe, procrustes_align

REFERENCE = Path(__file__).resolve().parents[3] / "shared/reference/mmhuman3d_metrics.npz"


def test_a_shift_of_three_four_five_is_an_error_of_five() -> None:
    gt = np.zeros((2, 4, 3))
    assert mpjpe(gt + np.array([3.0, 0.0, 4.0]), gt) == 5.0


def test_masked_joints_do_not_count() -> None:
    gt = np.zeros((1, 2, 3))
    pred = np.array([[[1.0, 0, 0], [100.0, 0, 0]]])
    assert mpjpe(pred, gt, mask=np.array([[True, False]])) == 1.0


def test_procrustes_undoes_a_similarity_but_no_mirror() -> None:
    rng = np.random.default_rng(0)
    gt = rng.normal(size=(3, 17, 3))
    turn = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    np.testing.assert_allclose(procrustes_align(2.5 * gt @ turn.T + 7, gt), gt, atol=1e-12)
    assert mpjpe(gt * [1, 1, -1], gt, align="procrustes") > 0.1


@pytest.mark.skipif(not REFERENCE.exists(), reason="needs ../shared/reference")
@pytest.mark.parametrize("align", ["none", "scale", "procrustes"])
@pytest.mark.parametrize("pred", ["pred", "near"])
def test_numbers_equal_those_of_mmhuman3d(pred: str, align: str) -> None:
    with np.load(REFERENCE) as data:
        found = mpjpe(data[pred], data["gt"], data["mask"], align)  # type: ignore[arg-type]
        expected = float(data[f"{pred}/mpjpe/{align}"])
    assert found == pytest.approx(expected, rel=1e-6)
