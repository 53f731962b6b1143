import { useState } from 'react';

/** What stands behind the `#` of the address: the secret of a link, which no server is told by opening it. */
export function useSecret(): string {
  const [secret] = useState(() => location.hash.slice(1));
  return secret;
}
