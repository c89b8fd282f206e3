"""指标页。Indicators as pages: the board, one indicator, the system."""
