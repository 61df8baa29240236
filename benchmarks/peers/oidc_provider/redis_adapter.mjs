// Keeps the peer's state in Redis: an object as JSON with the life it has, one round trip for most calls.
export function redisAdapter(Redis, url) {
  const redis = new Redis(url);
  const grantKey = (id) => `grant:${id}`;

  return class {
    constructor(model) {
      this.model = model;
    }

    key(id) {
      return `${this.model}:${id}`;
    }

    async upsert(id, payload, seconds) {
      const batch = redis.multi();
      const key = this.key(id);
      if (seconds) batch.set(key, JSON.stringify(payload), 'EX', seconds);
      else batch.set(key, JSON.stringify(payload));
      if (payload.grantId) {
        batch.sadd(grantKey(payload.grantId), key);
        if (seconds) batch.expire(grantKey(payload.grantId), seconds);
      }
      await batch.exec();
    }

    async find(id) {
      const kept = await redis.get(this.key(id));
      return kept ? JSON.parse(kept) : undefined;
    }

    async consume(id) {
      const key = this.key(id);
      const kept = JSON.parse(await redis.get(key));
      kept.consumed = Math.floor(Date.now() / 1000);
      await redis.set(key, JSON.stringify(kept), 'KEEPTTL');
    }

    async destroy(id) {
      await redis.del(this.key(id));
    }

    async revokeByGrantId(grantId) {
      const members = await redis.smembers(grantKey(grantId));
      await redis.del(grantKey(grantId), ...members);
    }
  };
}
