"""The painter: brush strokes over an underpainting, at any size, that can be replayed.

Paint is laid, not upscaled.  What a network makes at 128 to 512 pixels, or a capture as it is, is
the underpainting; a `Hand` says how it is painted:

    from gan_cut.painter.hand import read_hands
    from gan_cut.painter.paint import paint

    painting = paint(picture, read_hands(FILE)["sad"], seed=3)
    painting.render(2048)                  # [H, W, 3] uint8, longer side 2048
    painting.to_bytes()                    # travels; 12 bytes a stroke

`paint` prepares the picture (`ground`, `colour`), decides on strokes (`plan`, with `field`) and
lays them (`lay`, with the brushes of `brushes`); `strokes` is what is kept.  `measure` and `fit`
ground the hands in works.  It needs numpy, pillow and numba alone.
"""
