"""Documents: ``published`` serves those that everybody reads; ``official`` ones are made as Word (``docx``), PDF and HTML."""
