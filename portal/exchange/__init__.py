"""Exchange: workbooks in, workbooks and CSV out."""
