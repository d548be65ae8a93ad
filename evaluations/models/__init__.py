from evaluations.models.cases import AppraisalCase
from evaluations.models.rankings import Ranking, RankingEntry, RankingPolicy

__all__ = ["AppraisalCase", "Ranking", "RankingEntry", "RankingPolicy"]
