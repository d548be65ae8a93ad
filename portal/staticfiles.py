"""Which static files are collected."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class StaticFiles(StaticFilesConfig):
    """Of the npm packages only what the pages use is collected; the rest is 80 MB of variants."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        *("tabler-*", "tabler.css*", "tabler.js*", "tabler.esm.*", "tabler.rtl.*"),
        *("echarts.[!m]*", "extension"),
    ]
