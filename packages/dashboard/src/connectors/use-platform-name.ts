import { useRead } from '../api/use-api.ts';

/** What people call a platform, by the type of its connector. */
export function usePlatformName(): (type: string) => string {
  const connectors = useRead('listConnectors', undefined);
  return (type) => connectors.data?.find((connector) => connector.type === type)?.label ?? type;
}
