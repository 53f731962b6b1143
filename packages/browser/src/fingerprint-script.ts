import { addFingerprint } from './fingerprint.ts';
import { optionalClient } from './optional-client.ts';

addFingerprint(optionalClient);
