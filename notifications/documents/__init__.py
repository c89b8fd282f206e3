"""文件模板。Documents as Word files: templates made by `build.py`, filled in by `processes`."""
