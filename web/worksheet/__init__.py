"""检查表页。Sheets filled on a page, or taken along as Excel."""
