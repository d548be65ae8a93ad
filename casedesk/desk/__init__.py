"""The desk's pages: My work, the case and what may be done with it, the list of cases."""
