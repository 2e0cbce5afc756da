"""Every refiner on the same people with the same keypoints: `diffannot evaluate --bench open`.

`conditions` are what the keypoints are like, `people` who is refined, `judging` measures a batch,
`running` deals the work out, `summary` and `claims` make the facts, `figures`, `worst` and
`training.bench.page` show them.
"""
