"""Exports opened by the tools of their own formats, in environments without DiffAnnot.

`DIFFANNOT_ENVIRONMENTS=1 pytest tests/core/test_formats_ecosystem.py` makes an environment with an
old numpy and one with a new one, which takes a network or a mirror of PyPI, and a minute or two.
"""

import json
import os
import subprocess
import venv
from pathlib import Path

import numpy as np
import pytest
from round_trips import PERSONS, project_in, truth

from core.body import load_body
from core.jobs import finish
from core.jobs.exporting import export

TOOLS = ("smplcodec", "pycocotools", "trimesh")

LOOK = """
import json, pathlib, sys
import numpy, trimesh
from pycocotools.coco import COCO
from smplcodec import SMPLCodec

out = pathlib.Path(sys.argv[1])
said = {"numpy": numpy.__version__}
for name in ("smpl.npz", "spin.npz", "3dpw/t.npz", "amass/t.npz"):
    with numpy.load(out / name) as data:  # no pickle is allowed
        said[name] = {key: data[key].shape for key in data.files}
with numpy.load(out / "humandata.npz", allow_pickle=True) as data:
    said["humandata"] = data["smpl"].item()["body_pose"].tolist()
    said["misc"] = sorted(data["misc"].item())
codec = SMPLCodec.from_file(str(out / "smplcodec" / "t.smpl"))
said["smplcodec"] = [codec.frame_count, codec.smpl_version.name, codec.full_pose.tolist()]
coco = COCO(str(out / "coco.json"))
(cat,) = coco.getCatIds(catNms=["person"])
said["coco"] = [each["keypoints"][:2] for each in coco.loadAnns(coco.getAnnIds(catIds=[cat]))]
for kind, end in (("gltf", "glb"), ("obj", "obj"), ("ply", "ply")):
    mesh = trimesh.load(out / kind / f"0_1.{end}", force="mesh", process=False)
    said[kind] = [len(mesh.vertices), len(mesh.faces)]
pathlib.Path(sys.argv[2]).write_text(json.dumps(said))
"""


@pytest.mark.skipif(
    "DIFFANNOT_ENVIRONMENTS" not in os.environ,
    reason="makes environments from PyPI: set DIFFANNOT_ENVIRONMENTS=1",
)
@pytest.mark.timeout(900)
@pytest.mark.parametrize("numpy", ["1.26.4", "2.3.5"])
def test_the_tools_of_a_format_open_its_exports(numpy: str, tmp_path: Path) -> None:
    body = load_body()
    with project_in(tmp_path) as project:
        for name in ("smpl.npz", "spin.npz", "humandata.npz", "coco.json"):
            finish(export(project, tmp_path / name, name.partition(".")[0], body=body))
        for name in ("3dpw", "amass", "smplcodec", "gltf", "obj", "ply"):
            finish(export(project, tmp_path / name, name, body=body))
    venv.create(tmp_path / "env", with_pip=True)
    python = str(tmp_path / "env" / "bin" / "python")
    packages = [python, "-m", "pip", "install", "-q", f"numpy=={numpy}", *TOOLS]
    alone = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    subprocess.run(packages, check=True, env=alone)
    looked = [python, "-W", "error", "-c", LOOK, str(tmp_path), str(tmp_path / "said.json")]
    subprocess.run(looked, check=True, env=alone)
    said = json.loads((tmp_path / "said.json").read_text())
    assert said["numpy"] == numpy
    assert said["smpl.npz"]["poses"] == [PERSONS, 72] and said["spin.npz"]["pose"] == [PERSONS, 72]
    assert said["3dpw/t.npz"]["poses"] == [1, 2, 72] and said["amass/t.npz"]["poses"] == [2, 156]
    poses = np.array([truth(number).body_pose for number in range(PERSONS)])
    np.testing.assert_allclose(said["humandata"], poses, rtol=0, atol=1e-6)
    frames, version, motion = said["smplcodec"]
    assert (frames, version) == (2, "SMPL")
    np.testing.assert_allclose(np.array(motion)[:, 1:], poses[:2], rtol=0, atol=1e-6)
    assert said["coco"] == [[49.75, 52.75]] * PERSONS  # COCO counts from the middle of a pixel
    mesh = [body.num_vertices, len(body.faces)]
    assert [said[kind] for kind in ("gltf", "obj", "ply")] == [mesh] * 3
