/** How a visit, or a touch, came. */
export const arrivalDimensions = [
  'channel',
  'source',
  'medium',
  'campaign',
  'content',
  'term',
  'link',
  'partner',
  'referrer',
] as const;

/** Where and on what a visit was. */
export const deviceDimensions = [
  'country',
  'region',
  'city',
  'language',
  'device_type',
  'browser',
  'system',
  'in_app',
] as const;

/** What every report tells visits apart by, and touches by the visit that they began or fell into. */
export const visitDimensions = [...arrivalDimensions, ...deviceDimensions] as const;

export type VisitDimension = (typeof visitDimensions)[number];

/** GoodAnalytics' names. */
const dimensionAliases: Readonly<Record<string, VisitDimension>> = {
  os: 'system',
  source_platform: 'source',
  source_medium: 'medium',
  source_campaign: 'campaign',
};

/** How reports write that there is no value. */
export const notSet = '(not set)';

/** The dimension of a list that goes by a name. */
export function findDimension<Of extends string>(
  dimensions: readonly Of[],
  name: unknown,
): Of | undefined {
  if (typeof name !== 'string') return undefined;
  const wanted = Object.hasOwn(dimensionAliases, name) ? dimensionAliases[name] : name;
  return dimensions.find((dimension) => dimension === wanted);
}
