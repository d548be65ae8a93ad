from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("enterprises", "0002_initial"),
        ("estates", "0002_initial"),
        ("evaluations", "0003_default_policy"),
        ("portal", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="appraisalcase",
            index=models.Index(
                condition=models.Q(("excluded", ""), ("handled_at__isnull", True)),
                fields=["handle_due_at"],
                name="case_unhandled",
            ),
        ),
    ]
