import { useSession } from './use-session.ts';

/** What whoever is signed in may do: what they may not is not offered. The server decides all the same. */
export function useMay(): { readonly write: boolean; readonly manage: boolean } {
  // A secret key does not say what it may do: what it may not, the server refuses.
  const role = useSession()?.workspace?.role;
  return {
    write: role !== 'viewer',
    manage: role === undefined || role === 'owner' || role === 'admin',
  };
}
