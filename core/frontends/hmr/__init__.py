"""HMR and SPIN from their own checkpoints: network, crop and camera as each origin has them."""
