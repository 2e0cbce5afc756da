"""A second device on any machine: torch's `meta`, which computes shapes and no numbers.

What is brought back from it is made up. Like a GPU, it is not mixed with the CPU.
"""

from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

ELSEWHERE = torch.device("meta")


class Pretended(TorchFunctionMode):
    """Answers for `meta` where Python asks for numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.brought_back = 0

    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        first = args[0] if args else None
        if isinstance(first, Tensor) and first.device == ELSEWHERE:
            if function is Tensor.cpu:
                self.brought_back += 1
                return made_up(first)
            if function is Tensor.__bool__:
                return True
            if function is Tensor.nonzero:
                return torch.arange(len(first), device=ELSEWHERE)[:, None]
        given = [one for one in tree_leaves((args, kwargs)) if isinstance(one, Tensor)]
        devices = {one.device for one in given if one.dim()}
        if len(devices) > 1 and function not in (Tensor.__getitem__, Tensor.to, Tensor.copy_):
            raise RuntimeError(f"{function.__name__} is given tensors on two devices")
        return function(*args, **(kwargs or {}))


def made_up(asked: Tensor) -> Tensor:
    if asked.shape[-2:] == (3, 3):
        return torch.eye(3).expand(asked.shape).clone()
    return torch.full(asked.shape, 0.1, dtype=asked.dtype)
