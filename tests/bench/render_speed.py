"""How long a frame takes: `python -m tests.bench.render_speed`."""

import sys
import time

import numpy as np

from assets import OPEN_BODY
from core.camera import Camera
from core.render import Renderer, RenderRequest

FRAMES = 30


def main() -> int:
    with np.load(OPEN_BODY) as body:
        vertices = body["v_template"].astype(np.float32) * np.float32([1, -1, -1])
        faces = body["f"].astype(np.int32)
    vertices += np.float32([0, 0, 2.6])
    with Renderer() as renderer:
        for side in (256, 512, 1024):
            camera = Camera(side * 1.2, side / 2, side / 2 * 0.8, side, side)
            times = []
            for frame in range(FRAMES):
                moved = vertices + np.float32([0.001 * frame, 0, 0])
                start = time.perf_counter()
                renderer.render(RenderRequest([moved], faces, camera)).result()
                times.append((time.perf_counter() - start) * 1e3)
            middle, worst = np.percentile(times[3:], [50, 95])
            print(  # noqa: T201 - a command's answer
                f"{len(vertices)} vertices, {side} px: {middle:.0f} ms (p95 {worst:.0f})"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
