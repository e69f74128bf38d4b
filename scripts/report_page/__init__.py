"""The report: one HTML file, drawn from the rows that the project prints."""
