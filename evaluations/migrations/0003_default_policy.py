"""The default policy record, so that a city without a policy.json of its own has a rule. Source: ranking policy."""

from datetime import date

from django.db import migrations

DEFAULT = {
    "document": "default",
    "effective_from": date(2000, 1, 1),
    "window_periods": 3,
    "weight_acceptance": "0.30",
    "weight_handling": "0.30",
    "weight_satisfaction": "0.40",
    "level_weights": {"5": "1", "4": "1", "3": "0.9", "2": "0", "1": "0"},
    "gate_acceptance": 10,
    "gate_handling": 10,
    "gate_ratings": 10,
    "list_size": 10,
    "notice_days": 3,
}


def add(apps, schema_editor):
    apps.get_model("evaluations", "RankingPolicy").objects.create(**DEFAULT)


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0002_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
