"""Documents: what they hold (`content`), and how it is set as ODT, DOCX, PDF and ODS."""
