"""Films of pictures, and a window to watch them in.

Needs Pillow, and pygame for a window: ``pip install 'reasoning-gym-envs[render]'``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium.error import DependencyNotInstalled
from numpy.typing import NDArray

from reasoning_gym_envs.pictures.canvas import PAPER


def missing(package: str) -> DependencyNotInstalled:
    """The error where a package for pictures is not installed."""
    return DependencyNotInstalled(
        f"{package} is needed for this picture: pip install 'reasoning-gym-envs[render]'"
    )


class Window:
    """A window that shows pictures, one after the other.

    Args:
        title: what stands above it.
        frames_per_second: how fast the pictures follow each other at most.
    """

    def __init__(self, title: str, frames_per_second: int) -> None:
        try:
            import pygame
        except ImportError as error:
            raise missing("pygame") from error
        self._pygame: Any = pygame
        self._rate = frames_per_second
        self._screen: Any = None
        pygame.display.init()
        pygame.display.set_caption(title)
        self._clock = pygame.time.Clock()

    def show(self, picture: NDArray[np.uint8]) -> None:
        """Show a picture; the window takes its size."""
        pygame = self._pygame
        height, width, _ = picture.shape
        if self._screen is None or self._screen.get_size() != (width, height):
            self._screen = pygame.display.set_mode((width, height))
        self._screen.blit(pygame.surfarray.make_surface(picture.swapaxes(0, 1)), (0, 0))
        pygame.event.pump()
        pygame.display.flip()
        self._clock.tick(self._rate)

    def close(self) -> None:
        """Close the window."""
        self._pygame.display.quit()
        self._screen = None


def save_gif(
    frames: Sequence[NDArray[np.uint8]], path: str | Path, frames_per_second: float = 8
) -> None:
    """Write pictures, as ``RenderCollection`` of Gymnasium collects them, into an animated GIF.

    Smaller pictures, of smaller mazes, stand in the middle of the film.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise missing("Pillow") from error
    if not len(frames):
        raise ValueError("there are no frames to be saved")
    if any(np.ndim(frame) != 3 for frame in frames):
        raise ValueError("the frames are a list of pictures, each height × width × 3")
    height, width = (max(frame.shape[axis] for frame in frames) for axis in (0, 1))
    images = []
    for frame in frames:
        image = Image.new("RGB", (width, height), PAPER)
        corner = (width - frame.shape[1]) // 2, (height - frame.shape[0]) // 2
        image.paste(Image.fromarray(frame), corner)
        # an octree keeps the colours of small things; a median cut would mix them
        images.append(image.quantize(128, Image.Quantize.FASTOCTREE))
    images[0].save(
        path,
        save_all=True,
        append_images=images[1:],
        duration=round(1000 / frames_per_second),
        loop=0,
    )
