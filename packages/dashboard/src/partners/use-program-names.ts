import { useRead } from '../api/use-api.ts';

/** The names of all programmes by their ids, those that have ended too. */
export function useProgramNames(): ReadonlyMap<string, string> {
  const programs = useRead('listPartnerPrograms', { archived: true });
  return new Map(programs.data?.map(({ id, name }) => [id, name]));
}
