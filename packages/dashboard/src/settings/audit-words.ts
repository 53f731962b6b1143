import type { AuditEntryResponse } from '@headwater/client/api';

import { t } from '../messages/messages.ts';
import { auditKinds } from './settings-search.ts';

/** What was done: `API key created`. */
export function auditWords({ action, subject_type: type }: AuditEntryResponse): string {
  const kind = auditKinds.find((one) => one === type);
  const verb = action.slice(action.indexOf('.') + 1);
  return t.audit.did(kind === undefined ? type : t.audit.kinds[kind], verb);
}
