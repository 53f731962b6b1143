import { isSettled, post } from './post.ts';
import { local, readStored, store } from './stored.ts';

const name = '_hw_optout';
const untold = '0';
const patienceMilliseconds = 10_000;

/** What a visitor decides, as `POST {endpoint}/t/choice` takes it. */
interface Choice {
  readonly opt_out?: boolean;
  /** The server removes the cookies that no script can. */
  readonly forget?: boolean;
}

export interface OptOut {
  /** Whether the visits of this browser are not to be counted. */
  isOut(): boolean;
  /** Keeps it on the device, and has the server set a cookie that lasts and remove its others. */
  set(isOut: boolean): void;
  tell(choice: Choice): Promise<void>;
}

/** What the server has not heard of yet, the next page tells it again. */
export function createOptOut(url: string): OptOut {
  let hasCookie = /(?:^|; )_hw_optout=1/.test(document.cookie);
  const isOut = (): boolean => hasCookie || readStored(local, name) !== null;

  async function tell(choice: Choice): Promise<void> {
    try {
      const response = await post(url, JSON.stringify(choice), patienceMilliseconds);
      if (isSettled(response) && choice.opt_out && isOut()) store(local, name, '1');
    } catch {
      // The next page says it again.
    }
  }

  if (readStored(local, name) === untold) void tell({ opt_out: true, forget: true });
  return {
    isOut,
    set(out) {
      hasCookie = false;
      store(local, name, out ? untold : undefined);
      void tell({ opt_out: out, forget: out });
    },
    tell,
  };
}
