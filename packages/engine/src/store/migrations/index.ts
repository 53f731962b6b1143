import { foundation } from './0001-foundation.ts';
import { caseOfKeys } from './0002-case-of-keys.ts';
import { erasure } from './0003-erasure.ts';
import type { Migration } from './migration.ts';

/** In the order in which they run. */
export const migrations: readonly Migration[] = [foundation, caseOfKeys, erasure];
