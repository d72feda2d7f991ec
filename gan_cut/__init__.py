"""Networks that make pictures: training and inference.

From folders of pictures to a file that translates:

    python -m gan_cut train cut --a captures --b monet --run runs/monet
    python -m gan_cut epochs runs/monet
    python -m gan_cut evaluate runs/monet/epochs/0120.safetensors --a unseen --b monet
    python -m gan_cut publish runs/monet --epoch 120 --name monet
    python -m gan_cut distil runs/monet --epoch 120 --a captures --run runs/monet-live
    python -m gan_cut translate models/weights/monet.safetensors --a captures --out paintings

Emotional style is another kind of network (`style`), trained and published in the same way:

    python -m gan_cut train style --a captures --run runs/style
    python -m gan_cut evaluate-style runs/style/epochs/0012.safetensors --a unseen
    python -m gan_cut stylise models/weights/style.safetensors PICTURE --emotion happy --out FILE

`networks`, `losses`, `methods` and `batches` are a notebook's tools, `train` is
the loop, `inference` is what an installation runs, `commands` are the words above.
"""
