import pytest
import torch
from elsewhere_kit import ELSEWHERE, Pretended
from test_paper_refiner import BLIND, body, disturbed, seen, standing

from core.body import load_body, skin
from core.device import device_named, in_batches
from core.errors import DiffAnnotError, UnreadableInput
from core.refiners import WITH_WEIGHTS, load_refiner


@pytest.mark.parametrize(
    ("name", "there", "expected"),
    [("auto", True, "cuda"), ("auto", False, "cpu"), ("cpu", True, "cpu"), ("cuda", True, "cuda")],
)
def test_auto_is_a_gpu_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, name: str, there: bool, expected: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    assert device_named(name) == torch.device(expected)


@pytest.mark.parametrize(("name", "why"), [("cuda", "sees no GPU"), ("tpu", "named tpu")])
def test_a_device_that_is_not_there_is_said(
    monkeypatch: pytest.MonkeyPatch, name: str, why: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UnreadableInput, match=why):
        device_named(name)


def test_a_body_that_is_there_already_is_not_copied() -> None:
    assert body().on(torch.device("cpu")) is body()


def test_batches_are_halved_when_memory_runs_out_and_all_rows_are_done_once_in_order() -> None:
    tried = []

    def work(rows: slice) -> list[int]:
        size = rows.stop - rows.start
        tried.append(size)
        if size > 3:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return list(range(rows.start, rows.stop))

    done = [row for part in in_batches(work, 10, 8) for row in part]
    assert done == list(range(10))
    assert tried == [8, 4, 2, 2, 2, 2, 2]


def test_what_does_not_fit_alone_is_said() -> None:
    def work(rows: slice) -> list[int]:
        raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(DiffAnnotError, match=r"no room for one person. Say --device cpu"):
        list(in_batches(work, 4, 4))


def test_other_errors_are_no_reason_to_try_again() -> None:
    tried = []

    def work(rows: slice) -> list[int]:
        tried.append(rows)
        raise RuntimeError("CUDA error: an illegal memory access")

    with pytest.raises(RuntimeError, match="illegal"):
        list(in_batches(work, 4, 4))
    assert len(tried) == 1


@pytest.mark.parametrize("name", sorted(WITH_WEIGHTS))
def test_a_refiner_made_with_a_body_elsewhere_computes_there(name: str) -> None:
    people = [disturbed(standing(), 15), standing(2)]
    refiner = load_refiner(name, body().on(ELSEWHERE))
    with Pretended() as pretended:
        paths = refiner.trajectories(people, [seen(standing()), BLIND], 4)
    assert pretended.brought_back
    assert [len(path) for path in paths] == [5, 5]
    assert paths[0].steps.betas[0].tobytes() == people[0].betas.tobytes()


def test_a_body_elsewhere_poses_annotations_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skin, "SPARSE", 0.0)  # meta has no sparse rows
    there = load_body().on(ELSEWHERE)
    with Pretended() as pretended:
        vertices, points = there.pose(standing())
    assert pretended.brought_back == 2
    assert (vertices.shape, points.shape) == ((body().num_vertices, 3), (45, 3))
