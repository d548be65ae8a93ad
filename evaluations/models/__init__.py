from evaluations.models.cases import AppraisalCase
from evaluations.models.rankings import Ranking, RankingEntry, RankingPolicy
from evaluations.models.yearly import EvaluationRound, SatisfactionIndex, ServiceCampaign

__all__ = [
    "AppraisalCase",
    "EvaluationRound",
    "Ranking",
    "RankingEntry",
    "RankingPolicy",
    "SatisfactionIndex",
    "ServiceCampaign",
]
