import type { ConnectorResponse } from '@headwater/client/api';

/** The conversions that a platform is told of: all that it takes, until somebody has chosen. */
export function toldTypes({ event_types, supported_event_types }: ConnectorResponse): string[] {
  return event_types.length === 0 ? supported_event_types : event_types;
}
