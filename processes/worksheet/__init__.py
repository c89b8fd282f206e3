"""检查表。Worksheets: sheets filled line by line, on a page or in Excel."""
