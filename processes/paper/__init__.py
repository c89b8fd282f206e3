"""成文。Paper: documents as Word, PDF and Excel."""
