import type { DBAdapter, DBTransactionAdapter, Where } from 'better-auth';

/**
 * Keeps what is in the cookie out of the database: tokens of sessions are stored and looked for as keyed hashes. The
 * library goes on seeing the token that it asked with, which it writes to the cookie again.
 *
 * @param hashes of a token under every secret, the current one first
 */
export function hashSessionTokens(
  adapter: DBAdapter,
  hashes: (token: string) => readonly string[],
): DBAdapter {
  return {
    ...hashing(adapter, hashes),
    transaction: (work) => adapter.transaction((trx) => work(hashing(trx, hashes))),
  };
}

function hashing<Adapter extends DBTransactionAdapter>(
  adapter: Adapter,
  hashes: (token: string) => readonly string[],
): Adapter {
  const stored = <Data extends object>(model: string, data: Data): Data =>
    model === 'session' && 'token' in data && typeof data.token === 'string'
      ? { ...data, token: hashes(data.token)[0] }
      : data;

  function where<Asked extends { readonly model: string; readonly where?: Where[] | undefined }>(
    asked: Asked,
  ): Asked {
    if (asked.model !== 'session' || asked.where === undefined) return asked;
    const hashed = asked.where.map((condition): Where => {
      if (condition.field !== 'token') return condition;
      return { ...condition, operator: 'in', value: tokensIn([condition]).flatMap(hashes) };
    });
    return { ...asked, where: hashed };
  }

  /** A row with the token that it was asked for by, if there is one. */
  function shown<Row>(model: string, row: Row, tokens: readonly string[]): Row {
    if (model !== 'session' || typeof row !== 'object' || row === null) return row;
    const { token } = row as { token?: unknown };
    const asked = tokens.find((one) => hashes(one).some((hash) => hash === token));
    return asked === undefined ? row : { ...row, token: asked };
  }

  return {
    ...adapter,
    async create(asked) {
      const { token } = asked.data as { token?: unknown };
      const row = await adapter.create({ ...asked, data: stored(asked.model, asked.data) });
      return shown(asked.model, row, typeof token === 'string' ? [token] : []) as never;
    },
    async findOne(asked) {
      const row = await adapter.findOne(where(asked));
      return shown(asked.model, row, tokensIn(asked.where)) as never;
    },
    async findMany(asked) {
      const rows = await adapter.findMany(where(asked));
      return rows.map((row) => shown(asked.model, row, tokensIn(asked.where))) as never;
    },
    count: (asked) => adapter.count(where(asked)),
    async update(asked) {
      const update = stored(asked.model, asked.update);
      const row = await adapter.update(where({ ...asked, update }));
      return shown(asked.model, row, tokensIn(asked.where)) as never;
    },
    updateMany: (asked) =>
      adapter.updateMany(where({ ...asked, update: stored(asked.model, asked.update) })),
    delete: (asked) => adapter.delete(where(asked)),
    deleteMany: (asked) => adapter.deleteMany(where(asked)),
    async consumeOne(asked) {
      const row = await adapter.consumeOne(where(asked));
      return shown(asked.model, row, tokensIn(asked.where)) as never;
    },
    incrementOne: (asked) => adapter.incrementOne(where(asked)),
  };
}

function tokensIn(where: readonly Where[] = []): string[] {
  return where
    .filter(({ field }) => field === 'token')
    .flatMap(({ value }) => (Array.isArray(value) ? value.map(String) : [String(value)]));
}
