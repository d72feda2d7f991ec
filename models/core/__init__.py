"""What every network needs: devices, files, pictures, emotions, backbones, training."""
