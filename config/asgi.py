"""The server entry point: event streams first, all else to Django, housekeeping beside both."""

import os
import warnings
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# WhiteNoise hands static files over as synchronous iterators; they are small and this works.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")
django_application = get_asgi_application()

from inference import sse  # noqa: E402  needs the app registry
from inference.housekeeping import Housekeeper  # noqa: E402
from operations.body_limit import BodyLimit  # noqa: E402

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[Any], Awaitable[None]]


async def lifespan(receive: Receive, send: Send) -> None:
    """Starts the housekeeping with the server and stops it with it."""
    housekeeper = Housekeeper()
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            housekeeper.start()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await sse.close()
            housekeeper.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "http" and sse.PATH.fullmatch(scope["path"]):
        await sse.application(scope, receive, send)
    else:
        await django_application(dict(scope), receive, send)


MB = 1024 * 1024
TIGHTER = {"/runs/": 96 * 1024, "/api/": 96 * 1024, "/admin/guide/prompt/import/": 64 * MB}
application = BodyLimit(dispatch, most=2 * MB, tighter=TIGHTER)
