from evaluations.models.cases import AppraisalCase
from evaluations.models.objections import CaseCorrection, EntryReply, ObjectionFile, Party, RankingObjection
from evaluations.models.policies import RankingPolicy
from evaluations.models.rankings import Ranking, RankingEntry
from evaluations.models.yearly import EvaluationRound, SatisfactionIndex, ServiceCampaign

__all__ = [
    "AppraisalCase",
    "CaseCorrection",
    "EntryReply",
    "EvaluationRound",
    "ObjectionFile",
    "Party",
    "Ranking",
    "RankingEntry",
    "RankingObjection",
    "RankingPolicy",
    "SatisfactionIndex",
    "ServiceCampaign",
]
