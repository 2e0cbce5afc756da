"""Tiny videos, written with PyAV."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

SIZE = 64, 48


def colours(number: int) -> np.ndarray:
    """A frame that tells its number (the grey of the lower left) and which way is up."""
    width, height = SIZE
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2] = 10 * number % 250
    pixels[: height // 2, :, 2] = 250
    return pixels


def write_video(
    path: Path,
    frames: int = 12,
    rate: int = 10,
    times: Sequence[int] | None = None,
    aspect: Fraction | None = None,
) -> Path:
    """Write a video; `times` of the frames in ms where uneven, `aspect` of pixels not square."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(colours(number), format="rgb24")
            if times is not None:
                frame.pts, frame.time_base = times[number], Fraction(1, 1000)
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path
