from django.db import migrations


def seed(apps, schema_editor):
    """The holidays announced so far: without them a fresh portal would count every weekday as a working day."""
    from portal.workdays import seeding

    seeding.seed(days=apps.get_model("portal", "CalendarDay"), years=apps.get_model("portal", "CalendarYear"))


class Migration(migrations.Migration):
    dependencies = [("portal", "0007_working_time_and_outbox")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
