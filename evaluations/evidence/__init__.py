"""How certain a score is: intervals, a score drawn towards the usual, a span of ranks, a word. Beside the policy score, never instead of it."""
