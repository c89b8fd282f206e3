"""导入。Tables that people keep elsewhere, taken over whole or not at all."""
