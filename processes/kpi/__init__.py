"""指标。Indicators: measured, judged, followed up and verified."""
