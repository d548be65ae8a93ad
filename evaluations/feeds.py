"""Atom feed of what happens to published rankings: published, corrected, withdrawn."""

from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from evaluations.models import Ranking
from evaluations.publication import publication_version
from portal import context
from portal.documents.published import published_document
from portal.middleware import public
from portal.templatetags.portal import bureau_name, city_name, period

LENGTH = 48
"""Two years of half months."""


class RankingFeed(Feed):
    feed_type = Atom1Feed

    def title(self) -> str:
        return _("Appraisal rankings of %(city)s") % {"city": city_name(context.city())}

    def subtitle(self) -> str:
        return _("Rankings of neighbourhoods: published, corrected and withdrawn.")

    def author_name(self) -> str:
        return bureau_name(context.city())

    def link(self) -> str:
        return reverse("public-ranking")

    def items(self):
        return Ranking.objects.readable().order_by("-status_changed_at", "-pk")[:LENGTH]

    def item_title(self, item: Ranking) -> str:
        texts = {"title": _("Ranking of %(period)s") % {"period": period(item.period)}, "revision": item.revision}
        if item.status == Ranking.Status.WITHDRAWN:
            return _("%(title)s: withdrawn") % texts
        if item.status == Ranking.Status.SUPERSEDED:
            return _("%(title)s: revision %(revision)s was replaced") % texts
        if item.revision > 1:
            return _("%(title)s: corrected, revision %(revision)s") % texts
        return texts["title"]

    def item_description(self, item: Ranking) -> str:
        if item.status == Ranking.Status.WITHDRAWN:
            return item.withdrawal_reason
        ranked = _("%(ranked)s neighbourhoods ranked, %(others)s with too few cases.") % {
            "ranked": item.eligible,
            "others": item.not_ranked,
        }
        return f"{item.reason} {ranked}".strip()

    def item_link(self, item: Ranking) -> str:
        return reverse("public-ranking-period", args=[item.period]) + f"?revision={item.revision}"

    def item_pubdate(self, item: Ranking):
        return item.published_at

    def item_updateddate(self, item: Ranking):
        return item.status_changed_at


ranking_feed = public(published_document(publication_version, max_age=300, by_language=True)(RankingFeed()))
