"""Training of `hmr-open`: people are drawn, cut out, put before backgrounds and looked at."""
