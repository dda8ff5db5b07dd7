import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Suspensions are asked for before they are granted: a table of its own, so that no row of before changes."""

    dependencies = [
        ('ledger', '0005_unit_counted'),
    ]

    operations = [
        migrations.CreateModel(
            name='SuspensionRequest',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('county', models.CharField(max_length=60)),
                ('reason', models.TextField()),
                ('asked_on', models.DateField()),
                ('decided_on', models.DateField(null=True)),
                ('granted', models.BooleanField(null=True)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.official')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.official')),
                ('task', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='suspension_requests', to='ledger.task')),
            ],
        ),
    ]
