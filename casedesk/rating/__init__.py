"""Pages of ratings: the resident's, the desk's that checks and reviews, and the callback's."""
