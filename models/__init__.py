"""Networks and pipelines that judge and enlarge (expression, pose, critic, upscaler), and `core`:
what every network needs."""
