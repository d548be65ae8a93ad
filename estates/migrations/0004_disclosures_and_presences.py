"""The four disclosures as the portal ships them, and where enterprises have served so far."""

from django.db import migrations

# Assumption: the report does not name the four disclosures; a city edits these rows or adds its own.
CATEGORIES = [
    # code, name, how often, time counted from, days for posting
    ("SERVICE_STANDARD", "服务内容和标准", "yearly", "start", 30),
    ("FEE_STANDARD", "收费项目和标准", "yearly", "start", 30),
    ("COMMON_REVENUE", "公共收益收支", "quarterly", "end", 30),
    ("CONTRACT_PERFORMANCE", "合同履行和物业费收支", "yearly", "end", 90),
]


def seed_disclosure_categories(apps, schema_editor):
    model = apps.get_model("estates", "DisclosureCategory")
    for code, name, cadence, counted_from, due_days in CATEGORIES:
        model.objects.get_or_create(
            code=code,
            defaults={"name": name, "cadence": cadence, "counted_from": counted_from, "due_days": due_days},
        )


PRESENCES = """
    INSERT INTO enterprises_enterprisepresence (enterprise_id, district_id)
    SELECT DISTINCT assignment.enterprise_id, street.parent_id
    FROM estates_serviceassignment assignment
    JOIN estates_estate estate ON estate.id = assignment.estate_id
    JOIN portal_region community ON community.id = estate.community_id
    JOIN portal_region street ON street.id = community.parent_id
    ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("estates", "0003_registers"), ("enterprises", "0003_registers")]
    operations = [
        migrations.RunPython(seed_disclosure_categories, migrations.RunPython.noop),
        migrations.RunSQL(PRESENCES, migrations.RunSQL.noop),
    ]
