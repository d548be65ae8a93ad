"""Ranking policies: proposed by one person, tried on the last rankings, approved by another."""
