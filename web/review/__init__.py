"""评审页。Management reviews as pages."""
