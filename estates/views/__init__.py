"""Pages of neighbourhoods, of what an enterprise serves, and of the compliance calendar."""
