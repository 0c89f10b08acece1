"""Whether the parts answer, for supervisors, load balancers and people."""

import redis
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from inference import presence, streams


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 while pages can be served; the parts of live inference are named, they are no reason."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        is_stored = True
    except DatabaseError:
        is_stored = False
    try:
        models = sorted({worker.model for worker in presence.present(streams.client())})
        has_broker = True
    except redis.RedisError:
        models, has_broker = [], False
    body = {"database": is_stored, "broker": has_broker, "models": models}
    return JsonResponse(body, status=200 if is_stored else 503)
