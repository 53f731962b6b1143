import { useRead } from '../api/use-api.ts';
import { useAuthRead } from '../auth/auth-api.ts';
import { t } from '../messages/messages.ts';
import { useSession } from '../session/use-session.ts';

/** Who can have changed something, by what the audit log calls them: people of the team, keys, the command line. */
export function useActorNames(): ReadonlyMap<string, string> {
  const isPerson = useSession()?.person !== undefined;
  const keys = useRead('listApiKeys', { limit: 200 });
  // Who is there with a key has no team to ask for.
  const team = useAuthRead('/team', { enabled: isPerson });
  return new Map([
    ...(team.data?.members ?? []).map(({ id, name }) => [`user ${id}`, name] as const),
    ...(keys.data ?? []).map(({ id, name }) => [id, t.audit.key(name)] as const),
    ['command line', t.audit.commandLine] as const,
  ]);
}
