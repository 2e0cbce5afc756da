from dataclasses import replace

from app.panels.people_list import summary
from core.project import PersonRow, State

ROW = PersonRow(1, 1, "a.jpg", 1, State.UNDECIDED, 24, 12.4, 0.03, True, "")


def test_a_row_says_what_is_suggested_and_what_it_promises() -> None:
    assert summary(ROW) == "step 24  −12 mm"
    assert summary(replace(ROW, expected_gain=0.0)) == "step 24"  # likelier, nothing promised
    assert summary(replace(ROW, suggested_step=0, expected_gain=0.0)) == "keep 0"
    assert summary(replace(ROW, suggested_step=None, expected_gain=None)) == "not refined"
    assert summary(replace(ROW, has_theta1=False)) == "no body yet"
