"""Networks and pipelines that judge: expression, pose, later the art critic and the upscaler."""
