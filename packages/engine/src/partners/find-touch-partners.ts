import type { Transaction } from '../store/connection.ts';
import { createTouchPartnerStore } from './touch-partner-store.ts';

type Store = ReturnType<typeof createTouchPartnerStore>;
type AskedTouch = Parameters<Store['withPartners']>[2][number];

/** The touches with the partners who are active now; for other domains. */
export function findTouchPartners<Touch extends AskedTouch>(
  tx: Transaction,
  schemaName: string,
  workspaceId: string,
  touches: readonly Touch[],
) {
  return createTouchPartnerStore(schemaName).withPartners(tx, workspaceId, touches);
}
