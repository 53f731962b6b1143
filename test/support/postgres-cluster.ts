import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface PostgresCluster extends AsyncDisposable {
  readonly url: string;
  /** Ends the server as a crash does: no connection survives, what was committed does. */
  crash(): Promise<void>;
  /** Ends it as `kill -9` of the server process does, without a word to anybody. */
  kill(): Promise<void>;
  /** Starts a crashed server again, at the same URL with the same data. */
  restart(): Promise<void>;
  /** Starts a streaming replica beside the server, which is away for a moment; gives its URL. */
  startStandby(): Promise<string>;
  crashStandby(): Promise<void>;
}

/**
 * Starts a PostgreSQL server on a free port with an empty data folder. It runs under a keeper
 * process that is tied to this one by a pipe, so both end when this process is killed.
 */
export async function startPostgresCluster(): Promise<PostgresCluster> {
  const keeper = spawn(process.execPath, [join(import.meta.dirname, 'postgres-keeper.ts')], {
    // In a group of its own, so that Ctrl+C ends the tests first and the server after them.
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers = createInterface({ input: keeper.stdout })[Symbol.asyncIterator]();

  async function answer(): Promise<string> {
    const { value, done } = await answers.next();
    if (done) throw new Error('PostgreSQL for the tests gave up; its messages are above');
    return value;
  }
  async function tell(command: string): Promise<string> {
    keeper.stdin.write(`${command}\n`);
    return answer();
  }

  return {
    url: await answer(),
    async crash() {
      await tell('crash');
    },
    async kill() {
      await tell('kill');
    },
    async restart() {
      await tell('restart');
    },
    startStandby: () => tell('standby'),
    async crashStandby() {
      await tell('crash standby');
    },
    async [Symbol.asyncDispose]() {
      const exit = once(keeper, 'exit');
      keeper.stdin.end();
      await exit;
    },
  };
}
