"""The service march: its months as pages, and issues that become cases."""
