"""管理评审。Management reviews: prepared, held, and followed."""
