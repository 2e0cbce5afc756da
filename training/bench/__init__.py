"""The paper's Tables II and III, and the honest columns beside them: `diffannot evaluate`.

`rows` says which data set is measured how, `judges` measures every step of a path against the
truth, `choices` picks steps, `running` streams people through frontend and refiner, `report` makes
the table, `figures` draws it.
"""
