"""Objections to a ranking, from the word of a party or a resident to the corrected revision, and the right of reply."""
