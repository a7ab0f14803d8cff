"""Makes the administrator and the API key; run as `karrio shell < seed.py`."""

from django.contrib.auth import get_user_model
from karrio.server.user.models import Token

User = get_user_model()
user = User.objects.filter(email="admin@example.com").first()
user = user or User.objects.create_superuser("admin@example.com", "demo")
Token.objects.get_or_create(
    key="key_ci0000000000000000000000000000", defaults={"user": user, "test_mode": False}
)
