"""A memory of earlier fakes."""

from __future__ import annotations

import torch
from torch import Tensor


class ImagePool:
    """Shows the discriminator older fakes too, so that the two do not chase each other.

    Half of the pictures handed out are new; the other half are taken from the
    last `size`, and replaced there (Shrivastava 2017, section 2.3; Zhu 2017,
    section 4).  With size 0, all are new.
    """

    def __init__(self, size: int = 50) -> None:
        self.size = size
        self.pictures: list[Tensor] = []

    def query(self, pictures: Tensor) -> Tensor:
        """[N, C, H, W] new fakes -> [N, C, H, W] fakes to train on, without gradients."""
        shown = []
        for new in pictures.detach():
            if len(self.pictures) < self.size:
                self.pictures.append(new.clone())
                shown.append(new)
            elif self.size > 0 and torch.rand(()) < 0.5:
                place = int(torch.randint(self.size, ()))
                shown.append(self.pictures[place])
                self.pictures[place] = new.clone()
            else:
                shown.append(new)
        return torch.stack(shown)
