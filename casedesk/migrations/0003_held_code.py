
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('casedesk', '0002_receipts'),
    ]

    operations = [
        migrations.AlterField(
            model_name='outcomerating',
            name='hold_reason',
            field=models.CharField(blank=True, choices=[('burst', 'Many ratings in a short time'), ('shared_device', 'One device rated several cases'), ('contact_changed', 'The contact was changed before'), ('staff_phone', 'The telephone belongs to somebody in service or office'), ('entered_by_rated', 'Given by a code that the rated body itself handed out'), ('by_hand', 'Doubted by an official')], max_length=16, verbose_name='held because'),
        ),
        migrations.AlterField(
            model_name='outcomeratingevent',
            name='hold_reason',
            field=models.CharField(blank=True, choices=[('burst', 'Many ratings in a short time'), ('shared_device', 'One device rated several cases'), ('contact_changed', 'The contact was changed before'), ('staff_phone', 'The telephone belongs to somebody in service or office'), ('entered_by_rated', 'Given by a code that the rated body itself handed out'), ('by_hand', 'Doubted by an official')], max_length=16, verbose_name='held because'),
        ),
    ]
