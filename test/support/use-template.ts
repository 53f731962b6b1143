// Every test file opens copies of one migrated database instead of making its own.
import { openAsBlob } from 'node:fs';

import { inject } from 'vitest';

import { setTemplate } from '../../packages/engine/src/testing/template.ts';

setTemplate(() => openAsBlob(inject('pgliteTemplate')));
