import { withParameters } from '../kernel/with-parameters.ts';

/** The parameter of a landing that names a code (`hw.referrals.readLanding`). */
const codeParameter = 'ref';

/** The address that a code is handed on as; `undefined` for a base that is no address of http or https. */
export function codeUrl(base: string, code: string): string | undefined {
  return withParameters(base, { [codeParameter]: code });
}
