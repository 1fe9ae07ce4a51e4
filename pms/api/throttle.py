"""How often a client may ask: counted in Redis, so the limit is one for all processes.

At most `limit` requests in any sixty seconds. A fixed window would let twice as many pass around the turn of a minute;
so requests are counted by the second and the last 61 of these are added up.

When Redis is away each process counts for itself and says so in the log. A limit is fairness between partners, not
safety of data; refusing everybody would stop bookings for the sake of a counter, and no limit at all would be an
invitation.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from threading import Lock

import redis
import structlog
from django.conf import settings

log = structlog.get_logger(__name__)

SECONDS = 61
PAUSE_AFTER_FAILURE = 2.0

# KEYS[1] a hash second → count; ARGV limit, seconds. Redis' own clock, since those of the web hosts differ.
TAKE = """
local now = tonumber(redis.call('TIME')[1])
local limit, span = tonumber(ARGV[1]), tonumber(ARGV[2])
local rows, sum, oldest = redis.call('HGETALL', KEYS[1]), 0, now
for i = 1, #rows, 2 do
  local second = tonumber(rows[i])
  if second <= now - span then
    redis.call('HDEL', KEYS[1], rows[i])
  else
    sum = sum + tonumber(rows[i + 1])
    if second < oldest then oldest = second end
  end
end
if sum >= limit then return {0, 0, oldest + span - now} end
redis.call('HINCRBY', KEYS[1], now, 1)
redis.call('EXPIRE', KEYS[1], span)
return {1, limit - sum - 1, oldest + span - now}
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """The standing of a client after a request: allowed or not, how many are left, when more come free (seconds)."""

    allowed: bool
    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """Return the RateLimit headers that every answer carries: the fields of the IETF draft, and those before it.

        `RateLimit-Policy: "client";q=6000;w=60` and `RateLimit: "client";r=5999;t=60` (draft-ietf-httpapi-ratelimit-
        headers, 10); libraries that are older know the three others.
        """
        return {
            "RateLimit-Policy": f'"client";q={self.limit};w=60',
            "RateLimit": f'"client";r={self.remaining};t={self.reset}',
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


_quiet_until = 0.0
_own_counts: dict[str, dict[int, int]] = defaultdict(dict)
_own_lock = Lock()


def take(key: str, limit: int) -> Rate:
    """Count one request of `key` if it is within `limit` a minute, and return the standing."""
    global _quiet_until
    if time.monotonic() >= _quiet_until:
        try:
            allowed, remaining, reset = _script()(keys=[f"{settings.REDIS_PREFIX}:rate:{key}"], args=[limit, SECONDS])
            return Rate(bool(allowed), limit, int(remaining), int(reset))
        except redis.RedisError as error:
            _quiet_until = time.monotonic() + PAUSE_AFTER_FAILURE
            log.warning("throttle.counts_alone", error=str(error))
    return _take_alone(key, limit)


def _take_alone(key: str, limit: int) -> Rate:
    """Count in this process only: the same rule, while Redis is away."""
    now = int(time.monotonic())
    with _own_lock:
        counts = {second: count for second, count in _own_counts[key].items() if second > now - SECONDS}
        used, oldest = sum(counts.values()), min(counts, default=now)
        allowed = used < limit
        if allowed:
            counts[now] = counts.get(now, 0) + 1
        _own_counts[key] = counts
    return Rate(allowed, limit, max(0, limit - used - 1), oldest + SECONDS - now)


@cache
def _script() -> redis.commands.core.Script:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
    return client.register_script(TAKE)
