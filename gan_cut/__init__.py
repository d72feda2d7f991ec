"""Networks that make pictures: training and inference."""
