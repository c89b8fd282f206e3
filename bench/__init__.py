"""Figures beside their floors (测量): a ratio of one run is worth more than a second."""
