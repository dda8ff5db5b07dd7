"""Commands that work with an installation's ledger; to import this folder is to set Django up."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "taizhang.settings.site")
django.setup()
