
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('casedesk', '0003_held_code'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReplyTemplateEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('code', models.CharField(max_length=40, verbose_name='code')),
                ('result', models.CharField(choices=[('solved', 'Solved'), ('partly', 'Partly solved'), ('not_now', 'Cannot be solved now')], max_length=8, verbose_name='result')),
                ('category', models.CharField(blank=True, help_text='Empty: for matters of every category.', max_length=60, verbose_name='category')),
                ('title', models.CharField(max_length=60, verbose_name='title')),
                ('text', models.TextField(help_text='Put “……” where something has to be filled in.', max_length=500, verbose_name='text')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ReplyTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, unique=True, verbose_name='code')),
                ('result', models.CharField(choices=[('solved', 'Solved'), ('partly', 'Partly solved'), ('not_now', 'Cannot be solved now')], max_length=8, verbose_name='result')),
                ('category', models.CharField(blank=True, help_text='Empty: for matters of every category.', max_length=60, verbose_name='category')),
                ('title', models.CharField(max_length=60, verbose_name='title')),
                ('text', models.TextField(help_text='Put “……” where something has to be filled in.', max_length=500, verbose_name='text')),
            ],
            options={
                'verbose_name': 'reply template',
                'verbose_name_plural': 'reply templates',
                'ordering': ['result', 'code'],
                'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='reply_template_says_something')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='replytemplate',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "casedesk_replytemplateevent" ("category", "code", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "result", "text", "title") VALUES (OLD."category", OLD."code", OLD."id", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."result", OLD."text", OLD."title"); RETURN NULL;', hash='f0d0313a58da5fd18924ccf16630639bf110fbf7', operation='UPDATE', pgid='pgtrigger_update_update_3c370', table='casedesk_replytemplate', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='replytemplate',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "casedesk_replytemplateevent" ("category", "code", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "result", "text", "title") VALUES (OLD."category", OLD."code", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."result", OLD."text", OLD."title"); RETURN NULL;', hash='45bf6a04b40a2841bec9ac49d501eb025166bc53', operation='DELETE', pgid='pgtrigger_delete_delete_63da4', table='casedesk_replytemplate', when='AFTER')),
        ),
        migrations.AddField(
            model_name='replytemplateevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='replytemplateevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='casedesk.replytemplate'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='replytemplateevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='ac2999807610f7e72f43fd92bcd209f7861ec1ae', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_161a1', table='casedesk_replytemplateevent', when='BEFORE')),
        ),
    ]
